# Two commands: `make run` serves a demonstration, `make test` proves everything.
GO ?= go
export CGO_ENABLED = 0
# One set of flags for checks, tests and builds, so that each package is compiled once.
export GOFLAGS := $(strip $(GOFLAGS) -trimpath)
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X huikan/internal/app.Version=$(VERSION)

.PHONY: run build test test-tools test-go test-browser cross lint bench clean

run:
	$(GO) run ./cmd/huikan demo

build:
	$(GO) build -ldflags '$(LDFLAGS)' -o bin/huikan ./cmd/huikan

# Everything: tools from Debian and npm when missing, both databases, cross-builds, browser.
test: test-tools lint test-go cross test-browser

test-tools:
	test/tools.sh

lint:
	@out=$$(git ls-files '*.go' | xargs gofmt -l); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...

test-go:
	test/postgres.sh $(GO) test -vet=off -ldflags='-s -w' -timeout 15m ./...

# The three platforms of the field, without cgo.
cross:
	for arch in amd64 arm64 loong64; do echo "linux/$$arch"; GOOS=linux GOARCH=$$arch $(GO) build -ldflags='-s -w' -o /dev/null ./cmd/huikan || exit 1; done

test-browser: build
	test/postgres.sh test/browser/run.sh

bench: build
	bin/huikan bench pages --size nation

clean:
	rm -rf bin test/browser/node_modules test/browser/out
