/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All net namespaces of the host: found by the processes in them and by the files that keep them,
 * and entered one after the other by one helper thread, so that the caller's own never changes.
 */
#ifndef PORTTRACE_HOST_NETNS_LIST_H
#define PORTTRACE_HOST_NETNS_LIST_H

#include <stdbool.h>
#include <stdint.h>

struct netns {
    uint32_t inode;
    int fd;     /* that keeps it, or -1: .path leads to it */
    char *path; /* of a process in it, or of a file that keeps it */
};

struct netns_list {
    struct netns *at;
    unsigned int count;
    unsigned int room;
    unsigned int hidden; /* processes or threads whose net namespace may not be read */
};

/* That of the calling thread first, then those that files keep. 0 or negative errno. */
int netns_list_start(struct netns_list *list, const char *proc_root);
void netns_list_free(struct netns_list *list);

/* Adds those of all processes. A process of which a thread is elsewhere counts as one. */
int netns_list_add_processes(struct netns_list *list, const char *proc_root);

/* Adds that of a thread, unless it is there already or the thread is no longer in it. */
int netns_list_add_thread(struct netns_list *list, const char *proc_root, uint32_t pid,
                          uint32_t tid, uint32_t inode);

/* Adds that of a socket of another process, which may be in none that a process is in. */
int netns_list_add_socket(struct netns_list *list, uint32_t pid, int fd, uint32_t inode);

bool netns_list_has(const struct netns_list *list, uint32_t inode);

/* Called in the namespace. 0 go on, else stop and return that. */
typedef int netns_fn(void *context, uint32_t inode);

/*
 * Calls fn in each of the list, or in the one with that inode (0: all), one after the other in one
 * other thread. *ret_unreachable counts those that could not
 * be entered; one that is gone is not counted. What fn returned, 0, or negative errno.
 */
int netns_visit(const struct netns_list *list, uint32_t inode, netns_fn *fn, void *context,
                unsigned int *ret_unreachable);

#endif
