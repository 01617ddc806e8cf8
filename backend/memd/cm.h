/* SPDX-License-Identifier: GPL-2.0 */
/* Listening, and letting in who may come. */
#ifndef __MEMD_CM_H
#define __MEMD_CM_H

#include "memd.h"

int memd_listen(struct memd *memd, struct memd_err *err);
/* Once more on addresses whose device was removed. */
void memd_listen_again(struct memd *memd);
/* Ends every session and connection, closes every device, listens no more. */
void memd_cm_stop(struct memd *memd);

#endif /* __MEMD_CM_H */
