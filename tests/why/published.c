// SPDX-License-Identifier: GPL-2.0
#include "tests/why/published.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/rules/hold.h"
#include "tests/why/program.h"

#define CONTAINERS "/var/lib/docker/containers/"
#define PROXY      "/usr/sbin/docker-proxy"

static const char rules[] =
    "#!/bin/sh\n"
    "echo '*nat'\n"
    "echo '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8093 -j DNAT --to-destination "
    "172.17.0.2:80'\n"
    "echo COMMIT\n";
static const char config[] =
    "{\"NetworkSettings\":{\"Networks\":{\"bridge\":{\"IPAddress\":\"172.17.0.2\"}}},"
    "\"Name\":\"/web-1\"}";

void published_be_proxy(int argc, char **argv)
{
    struct spot spot = {.place = PLACE_4_ANY};
    struct hold hold;

    if (argc < 7 || strcmp(argv[1], "-host-port") != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    hold_take(&spot, HOLD_LISTENING, false, (uint16_t)strtoul(argv[2], NULL, 10), &hold);
    if (write(STDOUT_FILENO, "x", 1) == 1)
        pause();
    exit(0);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        spot_die("%s: %s", path, strerror(errno));
    close(fd);
}

static void copy_self(const char *path)
{
    char piece[1 << 16];
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    ssize_t got;

    if (from < 0 || to < 0)
        spot_die("%s: %s", path, strerror(errno));
    while ((got = read(from, piece, sizeof(piece))) > 0)
        if (write(to, piece, (size_t)got) != got)
            spot_die("%s: %s", path, strerror(errno));
    close(from);
    close(to);
}

/* Over folders of the host, in a mount namespace of this process alone. */
static void cover_folders(void)
{
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        spot_die("no mount namespace: %s", strerror(errno));
    mkdir("/usr/sbin", 0755);
    mkdir("/var", 0755);
    mkdir("/var/lib", 0755);
    if (mount("none", "/usr/sbin", "tmpfs", 0, NULL) || mount("none", "/var/lib", "tmpfs", 0, NULL))
        spot_die("tmpfs: %s", strerror(errno));
    mkdir("/var/lib/docker", 0755);
    mkdir(CONTAINERS, 0755);
    mkdir(CONTAINERS "4711", 0755);
    write_file(CONTAINERS "4711/config.v2.json", config, 0600);
    write_file("/usr/sbin/iptables-save", rules, 0755);
    copy_self(PROXY);
}

static pid_t start_proxy(const char *port)
{
    char ready;
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC))
        spot_die("pipe: %s", strerror(errno));
    pid = fork();
    if (!pid) {
        dup2(ends[1], STDOUT_FILENO);
        execl(PROXY, PROXY, "-host-port", port, "-container-ip", "172.17.0.2", "-container-port",
              "80", NULL);
        _exit(127);
    }
    close(ends[1]);
    if (pid < 0 || read(ends[0], &ready, 1) != 1)
        spot_die("the proxy does not start");
    close(ends[0]);
    return pid;
}

static const cJSON *walk(const cJSON *at, const char *const path[])
{
    for (; *path && at; path++)
        at = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, atoi(*path))
                               : cJSON_GetObjectItemCaseSensitive(at, *path);
    return at;
}

static void expect(struct counts *counts, const char *line, const char *const path[],
                   const char *expected)
{
    cJSON *verdict = cJSON_Parse(line);
    const cJSON *found = walk(verdict, path);

    if (cJSON_IsString(found) && strstr(found->valuestring, expected))
        counts->passed++;
    else
        count_failure(counts, "published: no %s in %s", expected, line);
    cJSON_Delete(verdict);
}

static char *why(const char *question)
{
    const char *arguments[] = {"porttrace", "why", "--json", question, NULL};
    int status;

    return program_run(arguments, 0, 0, &status);
}

void published_run(struct counts *counts)
{
    static const char *const by[] = {"porttrace", "holders", "0", "published", "by", NULL};
    static const char *const container[] = {"porttrace", "holders",   "0",
                                            "published", "container", NULL};
    static const char *const address[] = {"porttrace", "holders", "0",
                                          "published", "address", NULL};
    static const char *const note[] = {"porttrace", "notes", "0", NULL};
    pid_t proxy;
    char *text;

    cover_folders();
    proxy = start_proxy("8092");
    text = why("127.0.0.1:8092");
    expect(counts, text, by, "docker-proxy");
    expect(counts, text, container, "web-1");
    expect(counts, text, address, "172.17.0.2");
    free(text);
    kill(proxy, SIGKILL);
    waitpid(proxy, NULL, 0);
    text = why("127.0.0.1:8093");
    expect(counts, text, note, "172.17.0.2:80, container web-1");
    free(text);
    text = why("udp/127.0.0.1:8093");
    if (strstr(text, "172.17.0.2"))
        count_failure(counts, "published: the rule is TCP's: %s", text);
    else
        counts->passed++;
    free(text);
}
