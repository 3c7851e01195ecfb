/* SPDX-License-Identifier: GPL-2.0 */
/* Scenes that hold ports, and what a survey must say of them. */
#ifndef TESTS_SURVEY_CHECK_H
#define TESTS_SURVEY_CHECK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/types.h>

#include "user/cli/survey.h"

#define CHECK(scene, condition)                                                                    \
    do {                                                                                           \
        if (!(condition))                                                                          \
            check_failed(scene, __FILE__, __LINE__, #condition);                                   \
    } while (0)

/* What cannot be made in this kernel is skipped; what should be there and is not has failed. */
#define NEED(scene, condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (scene)->skipped = true;                                                               \
            return;                                                                                \
        }                                                                                          \
    } while (0)

struct scene {
    const char *name;
    struct surveyor *surveyor;
    struct survey survey;
    struct holder *rows; /* of the last survey */
    unsigned int row_count;
    uint32_t netns; /* of this test */
    bool failed;
    bool skipped;
};

void check_failed(struct scene *scene, const char *file, int line, const char *condition);

/* Sockets on loopback; -1 where there is none. type: SOCK_STREAM, ... */
int scene_socket(int family, int type, int protocol);
int scene_bound(int family, int type, int protocol, uint16_t port);
int scene_listener(uint16_t port);
int scene_connection(uint16_t port);

/* A process that does its work and then keeps what it has. It says so by closing the pipe. */
pid_t scene_process(void (*work)(void *context), void *context);
void scene_end(pid_t pid);

/* Takes a survey of this port, the rows of which replace those before. */
void scene_look(struct scene *scene, uint16_t port);

/* How many sockets there are in the last survey, in that state, of this test's net namespace. */
unsigned int scene_count(const struct scene *scene, unsigned int state);

/* The first in that state; one that nothing is known of, where there is none. */
const struct holder *scene_row(struct scene *scene, unsigned int state);

const struct holder_process *process_of(const struct holder *holder, pid_t pid);

/* By theme; each prints nothing unless it fails. */
struct check {
    const char *name;
    void (*run)(struct scene *scene);
};

extern const struct check process_checks[], state_checks[];

#endif
