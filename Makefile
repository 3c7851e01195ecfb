# SPDX-License-Identifier: GPL-2.0
BUILD ?= build
CC = gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
VERSION := 0.1.0

ARCH := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
	-Wpointer-arith -Wcast-qual -Wundef
CPPFLAGS := -I. -I$(BUILD) -D_GNU_SOURCE -DPORTTRACE_VERSION='"$(VERSION)"'
CFLAGS := -std=gnu11 -O2 -g $(WARNINGS) $(EXTRA_CFLAGS)
LDLIBS := -lbpf -lelf -lz
BPF_CFLAGS := -std=gnu11 -O2 -g -target bpf -mcpu=v2 -Wall -Wextra -Werror -D__TARGET_ARCH_$(ARCH) \
	-I. -Ivmlinux

USER_SOURCES := $(filter-out user/main.c,$(wildcard user/*/*.c))
USER_OBJECTS := $(USER_SOURCES:%.c=$(BUILD)/%.o)
BPF_OBJECT := $(BUILD)/bpf/porttrace.bpf.o
SKELETON := $(BUILD)/porttrace.skel.h
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))

all: $(BUILD)/porttrace

$(BUILD)/porttrace: $(BUILD)/user/main.o $(BUILD)/libporttrace.a
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/libporttrace.a: $(USER_OBJECTS)
	rm -f $@ && ar rcs $@ $^

$(BUILD)/user/%.o: user/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/user/capture/%.o: | $(SKELETON)

$(BPF_OBJECT): bpf/porttrace.bpf.c $(wildcard bpf/*.h vmlinux/*.h)
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -c $< -o $@.tmp
	$(BPFTOOL) gen object $@ $@.tmp
	rm -f $@.tmp

$(SKELETON): $(BPF_OBJECT)
	$(BPFTOOL) gen skeleton $< name porttrace > $@

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libporttrace.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $< $(BUILD)/libporttrace.a -lcmocka $(LDLIBS) -o $@

unit: $(UNIT_TESTS)
	@set -e; for test in $^; do echo "$$test"; ./$$test; done

clean:
	rm -rf $(BUILD)

.PHONY: all unit clean
.DELETE_ON_ERROR:
-include $(USER_OBJECTS:.o=.d) $(BUILD)/user/main.d $(UNIT_TESTS:=.d)
