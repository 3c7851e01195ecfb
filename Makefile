# SPDX-License-Identifier: GPL-2.0
BUILD ?= build
# Where the BPF object and its skeleton are made; the test builds share one.
BPF_BUILD ?= $(BUILD)
CC = gcc
CLANG ?= clang
CLANG_TIDY ?= clang-tidy
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
LLVM_OBJCOPY ?= llvm-objcopy
PREFIX ?= /usr/local
VERSION := 0.1.0

ARCH := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
	-Wpointer-arith -Wcast-qual -Wundef
HARDENING := -D_FORTIFY_SOURCE=2 -fstack-protector-strong
# The skeleton is generated: as a system header its code is not held to our warnings.
CPPFLAGS := -I. -isystem $(BPF_BUILD) -D_GNU_SOURCE -DPORTTRACE_VERSION='"$(VERSION)"'
CFLAGS := -std=gnu11 -O2 -g -fPIE $(WARNINGS) $(HARDENING) $(EXTRA_CFLAGS)
LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,pack-relative-relocs -Wl,--as-needed
LDLIBS := -lbpf -lelf -lz -pthread
BPF_CFLAGS := -std=gnu11 -O2 -g -target bpf -Wall -Wextra -Wno-unused-parameter -Werror \
	-D__TARGET_ARCH_$(ARCH) -I. -Ivmlinux
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

USER_SOURCES := $(filter-out user/main.c,$(wildcard user/*/*.c))
USER_OBJECTS := $(USER_SOURCES:%.c=$(BUILD)/%.o)
LIBRARY := $(BUILD)/libporttrace.a
BPF_OBJECT := $(BPF_BUILD)/bpf/porttrace.bpf.o
DIRECT_OBJECT := $(BPF_BUILD)/bpf/porttrace_direct.bpf.o
HELD_OBJECT := $(BPF_BUILD)/bpf/held.bpf.o
SHORTEN := $(BPF_BUILD)/bpf/shorten
EMBEDDED := $(patsubst %,$(BPF_BUILD)/bpf/embedded/%.bpf.o,porttrace porttrace_direct held)
SKELETON := $(BPF_BUILD)/porttrace.skel.h
DIRECT_SKELETON := $(BPF_BUILD)/porttrace_direct.skel.h
HELD_SKELETON := $(BPF_BUILD)/held.skel.h
SKELETONS := $(SKELETON) $(DIRECT_SKELETON) $(HELD_SKELETON)
UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
GOLDEN_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(filter-out %/write_events.c,$(wildcard tests/golden/*.c)))
FUZZ_TARGETS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
KERNEL_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/kernel/*.c))
KERNEL_RUNNER := $(BUILD)/tests/kernel/runner
RULES_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/rules/*.c)) \
	$(BUILD)/tests/kernel/netlink.o
RULES_PROGRAM := $(BUILD)/tests/rules/compare
SURVEY_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/survey/*.c)) \
	$(BUILD)/tests/kernel/netlink.o
SURVEY_PROGRAM := $(BUILD)/tests/survey/check
WHY_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/why/*.c)) \
	$(BUILD)/tests/rules/hold.o $(BUILD)/tests/rules/spot.o $(BUILD)/tests/kernel/netlink.o
WHY_PROGRAM := $(BUILD)/tests/why/agree
VERIFIER_COST := $(BUILD)/tests/verifier/cost
VERIFIER_ALLOW := $(BUILD)/tests/verifier/allow
ERROR_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/errors/*.c))
FAULTS := $(BUILD)/tests/faults/interpose.so
LIST_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/list/*.c))
SOAK_LOAD := $(BUILD)/tests/soak/soak-load
SOAK_LOAD_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/table.c,$(wildcard tests/soak/*.c))) \
	$(BUILD)/tests/kernel/uring.o
SOAK_TABLE := $(BUILD)/tests/soak/table
SAFETY_ACTOR := $(BUILD)/tests/safety/actor
RUN_ACTOR := $(BUILD)/tests/run/actor
BENCH_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(filter-out %.bpf.c,$(wildcard tests/bench/*.c)))
BENCH_FLOOR := $(BUILD)/tests/bench/floor.bpf.o
# porttrace with a program that makes events: its own object, and what is compiled with that.
BENCH_SYNTHETIC := $(BUILD)/tests/bench/synthetic-porttrace

C_SOURCES := $(wildcard bpf/*.c user/*.c user/*/*.c tests/*/*.c)
C_HEADERS := $(wildcard bpf/*.h user/*/*.h tests/*/*.h)
# clang-tidy counts on stderr what it does not show; that matters only where it fails.
TIDY = @echo lint $<; $(CLANG_TIDY) --quiet $< --
TIDY_END = 2>$@ || { cat $@; exit 1; }
LINTED := $(patsubst %.c,$(BUILD)/lint/%.ok,$(C_SOURCES))

all: $(BUILD)/porttrace

$(BUILD)/porttrace: $(BUILD)/user/main.o $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(LIBRARY): $(USER_OBJECTS)
	rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(filter $(BUILD)/user/capture/%,$(USER_OBJECTS)) $(VERIFIER_COST).o $(VERIFIER_ALLOW).o: $(SKELETONS)

# The programs for kernels from 6.2 on: bpf/read.h tells why there are two objects of one source.
$(DIRECT_OBJECT): bpf/porttrace.bpf.c
$(DIRECT_OBJECT): private BPF_FLAGS := -mcpu=v3 -DPT_DIRECT_READS
$(BPF_OBJECT): bpf/porttrace.bpf.c
$(HELD_OBJECT): bpf/held.bpf.c
$(BPF_OBJECT) $(HELD_OBJECT): private BPF_FLAGS := -mcpu=v2

$(BPF_OBJECT) $(DIRECT_OBJECT) $(HELD_OBJECT): $(wildcard bpf/*.h vmlinux/*.h) Makefile
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) $(BPF_FLAGS) -c $(filter %.bpf.c,$^) -o $@.tmp
	$(BPFTOOL) gen object $@ $@.tmp
	rm -f $@.tmp

$(SHORTEN): bpf/shorten.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $< -lelf -o $@

# What is embedded: without what only a listing of the verifier or of a disassembler shows.
$(EMBEDDED): $(BPF_BUILD)/bpf/embedded/%: $(BPF_BUILD)/bpf/% $(SHORTEN)
	@mkdir -p $(@D)
	$(LLVM_OBJCOPY) --wildcard --strip-symbol='LBB*' $< $@.tmp
	$(SHORTEN) $@.tmp
	$(BPFTOOL) gen object $@ $@.tmp
	rm -f $@.tmp

$(SKELETON) $(DIRECT_SKELETON): $(BPF_BUILD)/%.skel.h: $(BPF_BUILD)/bpf/embedded/%.bpf.o
	echo '/* NOLINTBEGIN: generated */' > $@
	$(BPFTOOL) gen skeleton $< name $* >> $@
	echo '/* NOLINTEND */' >> $@

$(HELD_SKELETON): $(BPF_BUILD)/bpf/embedded/held.bpf.o
	echo '/* NOLINTBEGIN: generated */' > $@
	$(BPFTOOL) gen skeleton -L $< name held >> $@
	echo '/* NOLINTEND */' >> $@

$(BUILD)/tests/golden/make_events: $(BUILD)/tests/golden/write_events.o
$(UNIT_TESTS) $(GOLDEN_PROGRAMS): $(BUILD)/%: $(BUILD)/%.o $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(LIBRARY) -lcmocka -lcjson $(LDLIBS) -o $@

$(FUZZ_TARGETS): $(BUILD)/%: $(BUILD)/%.o $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer $(WRAPPED:%=-Wl,--wrap=%) $^ $(LDLIBS) -o $@

# What a target answers itself, instead of the system.
$(BUILD)/tests/fuzz/fuzz_file: WRAPPED = complain
$(BUILD)/tests/fuzz/fuzz_netlink: WRAPPED = socket setsockopt send sendto recv
$(BUILD)/tests/fuzz/fuzz_proc: WRAPPED = open openat readlinkat opendir readdir

$(KERNEL_RUNNER): $(KERNEL_OBJECTS) $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -lcjson $(LDLIBS) -o $@

$(ERROR_PROGRAMS) $(LIST_PROGRAMS) $(SAFETY_ACTOR): %: %.o
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -pthread -o $@

$(FAULTS): tests/faults/interpose.c tests/faults/sites.c tests/faults/sites.h Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -shared -fPIC $(filter %.c,$^) -o $@

$(WHY_PROGRAM): $(WHY_OBJECTS) $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -lcjson $(LDLIBS) -o $@

$(RULES_PROGRAM): $(RULES_OBJECTS) $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(SOAK_LOAD): $(SOAK_LOAD_OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

$(RUN_ACTOR): %: %.o $(BUILD)/tests/kernel/uring.o
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

$(SURVEY_PROGRAM): $(SURVEY_OBJECTS) $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(VERIFIER_COST) $(VERIFIER_ALLOW) $(SOAK_TABLE) $(BENCH_PROGRAMS): %: %.o $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/tests/bench/%.bpf.o: tests/bench/%.bpf.c $(wildcard bpf/* vmlinux/*.h tests/bench/*.h) Makefile
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(BUILD)/tests/bench/synthetic_direct.bpf.o: tests/bench/synthetic.bpf.c $(wildcard bpf/* vmlinux/*.h) Makefile
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -mcpu=v3 -DPT_DIRECT_READS -c $< -o $@

$(BENCH_SYNTHETIC).dir/porttrace%.skel.h: $(BUILD)/tests/bench/synthetic%.bpf.o
	@mkdir -p $(@D)
	$(BPFTOOL) gen object $(@D)/porttrace$*.bpf.o $<
	$(BPFTOOL) gen skeleton $(@D)/porttrace$*.bpf.o name porttrace$* > $@

$(BENCH_SYNTHETIC).dir/porttrace.skel.h: $(BUILD)/tests/bench/synthetic.bpf.o
	@mkdir -p $(@D)
	$(BPFTOOL) gen object $(@D)/porttrace.bpf.o $<
	$(BPFTOOL) gen skeleton $(@D)/porttrace.bpf.o name porttrace > $@

# All that knows the skeleton, which has one program more here.
BENCH_OBJECTS := $(patsubst %,$(BENCH_SYNTHETIC).dir/%.o,capture loader object programs snapshot)
$(BENCH_OBJECTS): $(BENCH_SYNTHETIC).dir/%.o: user/capture/%.c $(BENCH_SYNTHETIC).dir/porttrace.skel.h \
		$(BENCH_SYNTHETIC).dir/porttrace_direct.skel.h
	$(CC) -isystem $(@D) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(BENCH_SYNTHETIC): $(BUILD)/user/main.o $(BENCH_OBJECTS) $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/lint/%.bpf.ok: %.bpf.c $(C_HEADERS) .clang-tidy
	@mkdir -p $(@D)
	$(TIDY) $(BPF_CFLAGS) $(TIDY_END)

$(BUILD)/lint/%.ok: %.c $(C_HEADERS) .clang-tidy | $(SKELETONS)
	@mkdir -p $(@D)
	$(TIDY) $(CPPFLAGS) $(CFLAGS) $(TIDY_END)

# Asked for again in build directories with other flags.
unit-programs: $(UNIT_TESTS)
fuzz-programs: $(FUZZ_TARGETS)

# The BPF object is made once, before the other builds need it.
sanitized: $(SKELETONS)
	+$(MAKE) BUILD=$(BUILD)/sanitized BPF_BUILD=$(BPF_BUILD) HARDENING= \
		EXTRA_CFLAGS='$(SANITIZE)' unit-programs

fuzz: $(SKELETONS)
	+$(MAKE) BUILD=$(BUILD)/fuzz BPF_BUILD=$(BPF_BUILD) HARDENING= CC=$(CLANG) \
		EXTRA_CFLAGS='-fsanitize=fuzzer-no-link $(SANITIZE)' fuzz-programs

# Each target for FUZZ_EACH seconds; what was found that runs new code is kept in build/fuzz/work.
FUZZ_EACH ?= 300
fuzz-long: fuzz
	scripts/run-fuzz --each $(FUZZ_EACH) $(BUILD)/fuzz/work $(FUZZ_TARGETS:$(BUILD)/%=$(BUILD)/fuzz/%)

kernel-runner: all $(KERNEL_RUNNER) $(RULES_PROGRAM) $(WHY_PROGRAM) $(SURVEY_PROGRAM) $(VERIFIER_COST) $(ERROR_PROGRAMS) $(RUN_ACTOR) $(LIST_PROGRAMS) $(FAULTS) \
	$(SOAK_LOAD) $(SOAK_TABLE) $(SAFETY_ACTOR) $(BENCH_PROGRAMS) $(BENCH_FLOOR) $(BENCH_SYNTHETIC)
check-programs: all unit-programs sanitized fuzz $(GOLDEN_PROGRAMS) $(VERIFIER_ALLOW)

SUITE = BUILD=$(BUILD) scripts/suite

unit: $(UNIT_TESTS)
	scripts/run-unit $^

check: check-programs
	$(SUITE) check

check-kernel: kernel-runner
	$(SUITE) kernel

check-vm: kernel-runner
	$(SUITE) vm

test: check-programs kernel-runner
	$(SUITE) check kernel vm

# Publishes what the last check-kernel and check-vm have seen.
coverage:
	scripts/coverage update $(wildcard $(BUILD)/kernel-out/coverage.tsv $(BUILD)/vm/vm/*/coverage.tsv)

# Records what the verifier has to do now, here and in the test kernels.
verifier-cost: $(VERIFIER_COST)
	host=$$(BUILD=$(BUILD) tests/verifier/measure host) && \
		vm=$$(BUILD=$(BUILD) tests/verifier/measure vm) && \
		tests/verifier/check --update $$host $$vm

# What porttrace costs beside its peers; ROUNDS=1 is the smallest size.
ROUNDS ?= 9
bench: all $(BENCH_PROGRAMS) $(BENCH_FLOOR) $(BENCH_SYNTHETIC)
	BUILD=$(BUILD) tests/bench/run $(ROUNDS)
	BUILD=$(BUILD) tests/bench/list $(ROUNDS)

# MINUTES of load and the long versions of the other parts; takes root.
MINUTES ?= 30
soak: all $(SOAK_LOAD) $(SOAK_TABLE)
	tests/soak/run $(BUILD)/porttrace $(BUILD)/tests/soak --minutes $(MINUTES)

# Each fault that tests/faults can make; takes root and hours.
faults: all $(FAULTS) $(ERROR_PROGRAMS)
	tests/faults/run $(BUILD)/porttrace $(FAULTS) $(BUILD)/tests/errors/binds

# Instructions instead of times, in a test kernel that has all plans.
bench-vm: all $(BENCH_PROGRAMS)
	BUILD=$(BUILD) tests/bench/instructions

lint: $(LINTED)

format:
	clang-format -i $(C_SOURCES) $(C_HEADERS)

install: all
	install -D -m 755 $(BUILD)/porttrace $(DESTDIR)$(PREFIX)/bin/porttrace
	install -D -m 644 docs/porttrace.8 $(DESTDIR)$(PREFIX)/share/man/man8/porttrace.8

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/porttrace $(DESTDIR)$(PREFIX)/share/man/man8/porttrace.8

clean:
	rm -rf $(BUILD)

.PHONY: all unit unit-programs fuzz fuzz-long fuzz-programs sanitized kernel-runner check-programs check \
	check-kernel check-vm test coverage verifier-cost bench bench-vm soak faults lint format install uninstall clean
.DELETE_ON_ERROR:
-include $(USER_OBJECTS:.o=.d) $(BUILD)/user/main.d $(UNIT_TESTS:=.d) $(GOLDEN_PROGRAMS:=.d) $(BUILD)/tests/golden/write_events.d \
	$(FUZZ_TARGETS:=.d) $(KERNEL_OBJECTS:.o=.d) $(VERIFIER_COST).d $(VERIFIER_ALLOW).d $(BENCH_PROGRAMS:=.d) \
	$(ERROR_PROGRAMS:=.d) $(SOAK_LOAD_OBJECTS:.o=.d) $(SOAK_TABLE).d $(SAFETY_ACTOR).d $(RUN_ACTOR).d $(LIST_PROGRAMS:=.d) $(RULES_OBJECTS:.o=.d) \
	$(SURVEY_OBJECTS:.o=.d) $(WHY_OBJECTS:.o=.d)
