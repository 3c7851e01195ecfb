// SPDX-License-Identifier: GPL-2.0
/*
 * Proves that no program that we attach to a cgroup can refuse a call. The kernel takes 1 for leave
 * and 0 for a refusal, and takes it from register 0 at the exit of the program's main function.
 * Here constants are followed through every path of that function, whatever a jump goes by: where
 * paths meet and disagree the value counts as unknown. A program passes if register 0 is 1 at each
 * exit that can be reached. Needs no root: nothing is loaded.
 *
 * What could leave a program elsewhere is ruled out first: tail calls take an array of programs,
 * and exceptions bpf_throw().
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/event.h"
#include "bpf/config.h"
#include "porttrace.skel.h"
#include "user/capture/programs.h"

#define REGISTERS    11
#define CGROUP_ALLOW 1
#define TAIL_CALL    12 /* BPF_FUNC_tail_call */

struct value {
    bool known;
    int64_t number;
};

/* Before an instruction, over all ways to it. */
struct state {
    bool reached;
    struct value registers[REGISTERS];
};

struct proof {
    const struct bpf_insn *code;
    size_t count;
    struct state *states;
    bool changed;
    unsigned int exits;
    const char *problem; /* NULL: none */
    size_t at;
};

static void fail(struct proof *proof, size_t at, const char *problem)
{
    if (proof->problem)
        return;
    proof->problem = problem;
    proof->at = at;
}

static bool same_value(struct value a, struct value b)
{
    return a.known == b.known && (!a.known || a.number == b.number);
}

/* What is known of both ways is known after they have met. */
static void flow(struct proof *proof, size_t from, int64_t to, const struct state *state)
{
    struct state *next;

    if (to < 0 || (size_t)to >= proof->count) {
        fail(proof, from, "leaves the function by a jump, or at its end");
        return;
    }
    next = &proof->states[to];
    if (!next->reached) {
        *next = *state;
        next->reached = proof->changed = true;
        return;
    }
    for (int i = 0; i < REGISTERS; i++)
        if (next->registers[i].known && !same_value(next->registers[i], state->registers[i])) {
            next->registers[i].known = false;
            proof->changed = true;
        }
}

static struct value value_of_source(const struct bpf_insn *insn, const struct state *state)
{
    if (BPF_SRC(insn->code) == BPF_X)
        return state->registers[insn->src_reg];
    return (struct value){.known = true, .number = insn->imm};
}

/* Only what can be the end of a program is followed: copies of constants. */
static void calculate(const struct bpf_insn *insn, struct state *state)
{
    struct value *to = &state->registers[insn->dst_reg];
    bool wide = BPF_CLASS(insn->code) == BPF_ALU64;

    if (BPF_OP(insn->code) != BPF_MOV || insn->off) {
        to->known = false;
        return;
    }
    *to = value_of_source(insn, state);
    if (!wide && to->known)
        to->number = (uint32_t)to->number;
}

static void step_jump(struct proof *proof, size_t at, struct state *state)
{
    const struct bpf_insn *insn = &proof->code[at];

    switch (BPF_OP(insn->code)) {
    case BPF_EXIT:
        proof->exits++;
        if (!state->registers[0].known || state->registers[0].number != CGROUP_ALLOW)
            fail(proof, at, "can end with something else than 1");
        return;
    case BPF_CALL:
        if (!insn->src_reg && insn->imm == TAIL_CALL)
            fail(proof, at, "makes a tail call");
        for (int i = 0; i <= 5; i++)
            state->registers[i].known = false;
        flow(proof, at, (int64_t)at + 1, state);
        return;
    case BPF_JA:
        flow(proof, at,
             (int64_t)at + 1 + (BPF_CLASS(insn->code) == BPF_JMP32 ? insn->imm : insn->off), state);
        return;
    default:
        flow(proof, at, (int64_t)at + 1, state);
        flow(proof, at, (int64_t)at + 1 + insn->off, state);
    }
}

static void step(struct proof *proof, size_t at)
{
    const struct bpf_insn *insn = &proof->code[at];
    struct state state = proof->states[at];
    size_t size = 1;

    switch (BPF_CLASS(insn->code)) {
    case BPF_JMP:
    case BPF_JMP32:
        step_jump(proof, at, &state);
        return;
    case BPF_ALU:
    case BPF_ALU64:
        calculate(insn, &state);
        break;
    case BPF_LD: /* of 64 bits, which take two places, or of a packet, into register 0 */
        size = insn->code == (BPF_LD | BPF_IMM | BPF_DW) ? 2 : 1;
        state.registers[insn->dst_reg].known = false;
        state.registers[0].known = false;
        break;
    case BPF_LDX:
        state.registers[insn->dst_reg].known = false;
        break;
    case BPF_STX: /* atomic ones put what was there into a register */
        if (BPF_MODE(insn->code) == BPF_ATOMIC) {
            state.registers[insn->src_reg].known = false;
            state.registers[0].known = false;
        }
        break;
    }
    flow(proof, at, (int64_t)(at + size), &state);
}

/* Until nothing new is learnt; then the exits count. */
static const char *prove(const struct bpf_insn *code, size_t count, unsigned int *ret_exits,
                         size_t *ret_at)
{
    struct proof proof = {.code = code, .count = count, .changed = true};

    proof.states = calloc(count + 1, sizeof(*proof.states));
    if (!proof.states)
        return "there is no memory";
    proof.states[0].reached = true;
    while (proof.changed) {
        proof.changed = false;
        proof.exits = 0;
        for (size_t i = 0; i < count; i++)
            if (proof.states[i].reached)
                step(&proof, i);
    }
    if (!proof.exits)
        fail(&proof, 0, "has no exit");
    free(proof.states);
    *ret_exits = proof.exits;
    *ret_at = proof.at;
    return proof.problem;
}

static unsigned int passed, failed;

static void judge(const char *name, const char *problem)
{
    if (problem) {
        printf("FAILED  %s: %s\n", name, problem);
        failed++;
    } else {
        printf("ok      %s\n", name);
        passed++;
    }
}

#define MOV(to, number)                                                                            \
    {                                                                                              \
        .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (to), .imm = (number)                      \
    }
#define COPY(to, from)                                                                             \
    {                                                                                              \
        .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (to), .src_reg = (from)                    \
    }
#define JUMP_IF_ZERO(reg, offset)                                                                  \
    {                                                                                              \
        .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = (reg), .off = (offset)                       \
    }
#define CALL(helper)                                                                               \
    {                                                                                              \
        .code = BPF_JMP | BPF_CALL, .imm = (helper)                                                \
    }
#define LOAD(to, from)                                                                             \
    {                                                                                              \
        .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = (to), .src_reg = (from)                     \
    }
#define EXIT                                                                                       \
    {                                                                                              \
        .code = BPF_JMP | BPF_EXIT                                                                 \
    }

/* A proof that holds of everything is none. */
static void check_the_proof(void)
{
    static const struct {
        const char *name;
        bool holds;
        struct bpf_insn code[6];
        size_t count;
    } samples[] = {
        {"proof: always 1", true, {MOV(0, 1), EXIT}, 2},
        {"proof: 1 after a call, by both ways",
         true,
         {CALL(5), JUMP_IF_ZERO(0, 1), MOV(6, 7), MOV(0, 1), EXIT},
         5},
        {"proof: 1 out of a register that calls leave alone",
         true,
         {MOV(6, 1), CALL(5), COPY(0, 6), EXIT},
         4},
        {"proof: 0 is found", false, {MOV(0, 0), EXIT}, 2},
        {"proof: 0 on one of two ways is found",
         false,
         {MOV(0, 1), JUMP_IF_ZERO(1, 1), MOV(0, 0), EXIT},
         4},
        {"proof: 0 at the second exit is found",
         false,
         {MOV(0, 1), JUMP_IF_ZERO(1, 1), EXIT, MOV(0, 0), EXIT},
         5},
        {"proof: what a helper returns is found", false, {MOV(0, 1), CALL(5), EXIT}, 3},
        {"proof: what memory holds is found", false, {MOV(0, 1), LOAD(0, 1), EXIT}, 3},
        {"proof: a register that calls do not leave alone is found",
         false,
         {MOV(3, 1), CALL(5), COPY(0, 3), EXIT},
         4},
        {"proof: a tail call is found", false, {CALL(TAIL_CALL), MOV(0, 1), EXIT}, 3},
        {"proof: a jump out of the function is found",
         false,
         {MOV(0, 1), JUMP_IF_ZERO(1, 5), EXIT},
         3},
    };

    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        unsigned int exits;
        size_t at;
        const char *problem = prove(samples[i].code, samples[i].count, &exits, &at);

        judge(samples[i].name, !problem == samples[i].holds ? NULL
                               : problem                    ? problem
                                                            : "it is taken for one that allows");
    }
}

static bool is_of_cgroup(const struct bpf_program *program)
{
    switch (bpf_program__type(program)) {
    case BPF_PROG_TYPE_CGROUP_SKB:
    case BPF_PROG_TYPE_CGROUP_SOCK:
    case BPF_PROG_TYPE_CGROUP_DEVICE:
    case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
    case BPF_PROG_TYPE_CGROUP_SYSCTL:
    case BPF_PROG_TYPE_CGROUP_SOCKOPT:
    case BPF_PROG_TYPE_SOCK_OPS:
        return true;
    default:
        return false;
    }
}

/* Others whose return value the kernel goes by. Tracing programs only watch. */
static bool can_refuse(const struct bpf_program *program)
{
    return bpf_program__type(program) == BPF_PROG_TYPE_LSM ||
           bpf_program__type(program) == BPF_PROG_TYPE_STRUCT_OPS ||
           bpf_program__type(program) == BPF_PROG_TYPE_EXT ||
           bpf_program__expected_attach_type(program) == BPF_MODIFY_RETURN;
}

static void check_program(const struct bpf_program *program)
{
    char text[256];
    unsigned int exits;
    size_t at;
    const char *problem =
        prove(bpf_program__insns(program), bpf_program__insn_cnt(program), &exits, &at);

    snprintf(text, sizeof(text), "%s: 1 at each of %u exits", bpf_program__name(program), exits);
    if (problem)
        printf("        instruction %zu\n", at);
    judge(text, problem);
}

/* How many programs of a cgroup there are. */
static unsigned int check_object(const char *name, const struct bpf_object *object)
{
    const struct btf *types = bpf_object__btf(object);
    const char *problem = NULL;
    struct bpf_program *program;
    unsigned int count = 0;
    struct bpf_map *map;
    char text[64];

    bpf_object__for_each_map(map, object) if (bpf_map__type(map) == BPF_MAP_TYPE_PROG_ARRAY)
        problem = "it has an array of programs: a tail call could end elsewhere";
    if (!types || btf__find_by_name_kind(types, "bpf_throw", BTF_KIND_FUNC) >= 0)
        problem = "it can throw an exception";
    bpf_object__for_each_program(program, object) if (can_refuse(program)) problem =
        "it has a program of another kind that can refuse";
    snprintf(text, sizeof(text), "%s: no end but the exits", name);
    judge(text, problem);
    bpf_object__for_each_program(program, object) if (is_of_cgroup(program))
    {
        check_program(program);
        count++;
    }
    return count;
}

static void check_programs(const char *name, bool direct_reads)
{
    struct porttrace *programs = programs_open(direct_reads, NULL);

    if (!programs) {
        judge(name, "the object cannot be opened");
        return;
    }
    if (!check_object(name, programs->obj))
        judge(name, "it has no program of a cgroup, so that this check sees nothing");
    porttrace__destroy(programs);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    check_the_proof();
    check_programs("porttrace", false);
    check_programs("porttrace, direct reads", true);
    printf("%u passed, %u failed\n", passed, failed);
    return failed || !passed;
}
