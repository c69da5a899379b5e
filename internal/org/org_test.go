package org_test

import (
	"context"
	"testing"
	"time"

	"io/fs"

	"huikan/internal/kernel/actor"
	"huikan/internal/org"
	"huikan/internal/platform/platformtest"
)

func parts() platformtest.Parts {
	return platformtest.Parts{Schemas: []fs.FS{org.Schema}, Tables: org.Tables, Rules: org.Rules()}
}

func service(k *platformtest.Kit) *org.Service {
	return org.New(org.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock})
}

var program = actor.Program("test")

func TestSeedTree(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		s := service(k)
		t0 := time.Now()
		if err := s.SeedTree(ctx, program); err != nil {
			t.Fatal(err)
		}
		t.Log("seed", time.Since(t0))
		t0 = time.Now()
		s2 := service(k)
		if err := s2.Load(ctx); err != nil {
			t.Fatal(err)
		}
		t.Log("load", time.Since(t0))
		t0 = time.Now()
		s2.Directory().Find("xxs", 10)
		t.Log("find", time.Since(t0))
		d := s.Directory()
		if len(d.Provincial()) != 32 || d.Root().Path != "spp/" {
			t.Fatal(len(d.Provincial()), d.Root())
		}
	})
}
