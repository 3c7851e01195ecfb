/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scenario of many kinds of calls, by processes of several names, users and cgroups, of which
 * each filter lets through some and not others. It is played twice at once, as two families of
 * processes in two net namespaces.
 */
#ifndef TESTS_KERNEL_MIXTURE_H
#define TESTS_KERNEL_MIXTURE_H

#include "tests/kernel/scene.h"

#define MIXTURE_CHILD_COMM "pt-child"
#define MIXTURE_USER       65534

enum { MIXTURE_FIRST, MIXTURE_SECOND, MIXTURES };

extern const struct scenario mixtures[MIXTURES];

#endif
