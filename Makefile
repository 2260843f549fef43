# make run   sets up what is missing, then ramps WireGuard peers on a real kernel
# make test  sets up what is missing, then runs all tests, those in real VMs included
SHELL := /bin/bash
.DELETE_ON_ERROR:

KERNEL ?= debian:6.12
BUILD := $(shell git describe --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -X brink/internal/wire.Build=$(BUILD)
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
export CGO_ENABLED := 0

# command:package; apt is called only when a command is missing.
TOOLS := qemu-system-x86_64:qemu-system-x86 dpkg-deb:dpkg depmod:kmod xz:xz-utils
# Modules of brink's own are compiled for the guest's kernel.
MODULE_TOOLS := gcc:gcc make:make
# For kernels built from source (git:, source:, patch:); libelf-dev has no command of its own.
BUILD_TOOLS := $(MODULE_TOOLS) flex:flex bison:bison bc:bc perl:perl git:git
# Made in the guest, by the host's programs.
FS_TOOLS := mkfs.xfs:xfsprogs mkfs.ext4:e2fsprogs mkfs.btrfs:btrfs-progs
TEST_TOOLS := $(TOOLS) $(MODULE_TOOLS) $(FS_TOOLS) wg:wireguard-tools ip:iproute2 chromium:chromium git:git

.PHONY: run test vmtest vmtest-seeded unit lint bench build setup setup-run setup-build setup-test clean FORCE

run: setup-run build
	bin/brink run wireguard --kernel $(KERNEL) || [ $$? -eq 1 ]

test: setup-test
	go vet ./...
	BRINK_VMTEST=require go test -timeout 35m ./...

unit:
	go test ./...

vmtest: setup-test
	BRINK_VMTEST=require go test -timeout 35m -v -run 'VM' ./...

# The controls of brink itself: every planted failure on four kernels, its bundle, a commit planted among 64, and healthy
# guests on a busy host.
vmtest-seeded: setup-test
	BRINK_VMTEST=require BRINK_CONTROLS=all go test -timeout 120m -v -run 'TestVMSeeded|TestVMHealthy|TestVMBisectCommits' ./cmd/brink

lint:
	@files=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$files" ] || { echo "gofmt would change: $$files"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...

# Figures, not tests: ratios within one run.
bench: setup-test
	BRINK_VMTEST=require go test -run '^$$' -bench . -benchtime 1x -timeout 60m ./...

build: bin/brink bin/brink-agent

bin/brink: FORCE
	@go build -trimpath -ldflags "$(LDFLAGS)" -o $@ ./cmd/brink

# The guest's /init: static, small.
bin/brink-agent: FORCE
	@go build -trimpath -ldflags "$(LDFLAGS) -s -w" -o $@ ./cmd/brink-agent

setup-run:
	@scripts/setup $(TOOLS)

setup:
	@scripts/setup $(TOOLS) $(MODULE_TOOLS) $(FS_TOOLS)

setup-build:
	@scripts/setup $(TOOLS) $(BUILD_TOOLS) /usr/include/libelf.h:libelf-dev

setup-test:
	@scripts/setup $(TEST_TOOLS)

clean:
	rm -rf bin
