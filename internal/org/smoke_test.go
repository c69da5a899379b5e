package org_test

import (
	"context"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/platform/platformtest"
)

func TestSmoke(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		s := service(k)
		site := k.Serve(t, s.Room())
		if err := s.SeedTree(ctx, program); err != nil {
			t.Fatal(err)
		}
		site.Actor = platformtest.As("p", actor.Personnel, s.Directory().Place(s.Directory().Root().ID))
		u, _ := s.Directory().ByName("河南省人民检察院")
		for _, p := range []string{"/units", "/units?q=hnsjcy", "/units?level=3&per=20", "/units/" + string(u.ID), "/units/" + string(u.ID) + "/edit", "/units/new", "/units/import", "/pick/units?q=henan", "/units/export?as=csv&under=41000000", "/units/import/template"} {
			code, body := site.Get(t, p)
			if code != 200 {
				t.Errorf("%s: %d %.300s", p, code, body)
			}
		}
	})
}
