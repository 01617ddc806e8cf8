/* SPDX-License-Identifier: GPL-2.0 */
/* The best possible without reading ahead: who knew the future would miss this often. */
#ifndef OPT_H
#define OPT_H

#include "accesses.h"

uint64_t opt_run(const struct accesses *a, uint32_t limit);

#endif /* OPT_H */
