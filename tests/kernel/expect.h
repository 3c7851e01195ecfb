/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What porttrace must say of the call that this process made last and that was refused: the reason,
 * who is in the way, and what to do. Where somebody traces, these functions wait until it is said,
 * so that the surroundings stay as they were.
 */
#ifndef TESTS_KERNEL_EXPECT_H
#define TESTS_KERNEL_EXPECT_H

#include "tests/kernel/scene.h"

#define STATE_ESTABLISHED 1
#define STATE_FIN_WAIT1   4
#define STATE_FIN_WAIT2   5
#define STATE_TIME_WAIT   6
#define STATE_CLOSE       7
#define STATE_CLOSE_WAIT  8
#define STATE_LISTEN      10

void scene_expect_reason(struct scene *t, enum reason reason);
void scene_expect_also(struct scene *t, enum reason reason);

/* A reason with a holder, which is the kernel's hit and the only process that has it. */
void scene_expect_held(struct scene *t, enum reason reason, uint8_t state, uint32_t pid);

/* Before scene_expect_reason(): one more socket in the way, and one more process that has it. */
void scene_expect_holder(struct scene *t, enum holding holding, uint8_t state, uint32_t pid);
void scene_expect_sharer(struct scene *t, uint32_t pid);

/* A process that must not be said to be in the way. */
void scene_expect_stranger(struct scene *t, uint32_t pid);

uint32_t scene_pid(struct scene *t); /* of this process, as the host knows it */

/*
 * After scene_expect_reason(): the advice that contains this text, which must be there. NULL:
 * nobody traces, or the plan cannot know the reason.
 */
const char *scene_advice(struct scene *t, const char *text);
void scene_no_advice(struct scene *t, const char *text); /* that contains this text */

/* Likewise, the first note has this text. */
void scene_note(struct scene *t, const char *text);

/*
 * Runs the advised command that begins with these words, from another net namespace than that of
 * the call, where whoever reads the advice is. False: there is nobody to advise.
 */
bool scene_follow(struct scene *t, const char *words);

#endif
