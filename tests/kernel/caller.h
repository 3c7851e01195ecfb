/* SPDX-License-Identifier: GPL-2.0 */
/* What a process knows of itself. */
#ifndef TESTS_KERNEL_CALLER_H
#define TESTS_KERNEL_CALLER_H

#include "tests/kernel/scene.h"

void caller_describe(struct scene *t, struct caller *ret_caller);

#endif
