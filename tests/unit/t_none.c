// SPDX-License-Identifier: GPL-2.0
/* none never plans, whatever the fault. */
#include "../../policies/none.bpf.c"
#include "drive.h"

int main(void)
{
	u32 flags, i;

	for (flags = 0; flags <= SWAP_EXT_F_REMOTE; flags += SWAP_EXT_F_WRITE) {
		drive_start();
		drive.flags = flags;
		for (i = 0; i < 100; i++)
			EXPECT_NONE(i);
	}
	return drive_finish();
}
