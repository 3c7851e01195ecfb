// SPDX-License-Identifier: GPL-2.0
/*
 * Holds what porttrace why says against the kernel: each situation is really made, porttrace is
 * asked, and right after that the same bind, and listen, is really done. porttrace is killed by the
 * kernel if it binds anything itself. The same for each port that porttrace free names. Needs root.
 * usage: agree [PORTTRACE [ROUNDS [SEED]]]
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/rules/spot.h"
#include "tests/why/free.h"
#include "tests/why/mixed.h"
#include "tests/why/program.h"
#include "tests/why/published.h"
#include "tests/why/special.h"

#define ROUNDS 64 /* once in every manner */

int main(int argc, char **argv)
{
    struct counts counts = {0};
    unsigned int rounds = argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : ROUNDS;

    published_be_proxy(argc, argv);
    if (argc > 1)
        program_path = argv[1];
    if (geteuid())
        spot_die("root is needed");
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (program_check_confinement() != 128 + SIGSYS)
        spot_die("the kernel does not kill what binds, so nothing would be proved");
    program_remember_netns();
    spot_prepare();
    srand(argc > 3 ? (unsigned int)strtoul(argv[3], NULL, 10) : 1);
    mixed_run(rounds, &counts);
    free_run(&counts);
    special_run(&counts);
    published_run(&counts);
    counts_print_answers(&counts);
    printf("%u passed, %u failed\n", counts.passed, counts.failed);
    return counts.failed > 0;
}
