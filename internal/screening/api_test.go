package screening

import (
	"encoding/json"
	"maps"
	"testing"

	"huikan/internal/platform/platformtest"
)

// A program brings a register in as a person does: tried first, all or nothing,
// and only the kinds that its account may bring.
func TestARegisterComesInByTheAPI(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		site := w.site(t, w.as(t, "bar"))
		good, bad := lawyerHead+lawyerRows[0]+"\n"+lawyerRows[1]+"\n", lawyerHead+lawyerRows[0]+"\n,男,1975-03-12,,9,某所,郑州市,河南省,执业,\n"
		const path = "/api/v1/screening/import"
		send := func(body string, more map[string]string) (int, Imported) {
			fields := map[string]string{"kind": "lawyers", "source": "司法厅", "as_of": "2026-03-01"}
			maps.Copy(fields, more)
			status, text := postTo(t, site, path, fields, "l.csv", body)
			var res Imported
			if status == 200 {
				if err := json.Unmarshal([]byte(text), &res); err != nil {
					t.Fatalf("%v: %.200s", err, text)
				}
			}
			return status, res
		}
		versions := func() (n int) {
			list, err := w.Versions(ctx, w.as(t, "reader"), "")
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		if status, res := send(good, map[string]string{"dry": "1"}); status != 200 || res.Applied || res.Version.Added != 2 || versions() != 0 {
			t.Errorf("tried: %d %+v", status, res)
		}
		if status, res := send(bad, nil); status != 200 || res.Applied || res.Bad != 1 || len(res.Faults) != 1 || res.Faults[0].Row != 3 || versions() != 0 {
			t.Errorf("a row at fault: %d %+v", status, res)
		}
		if status, res := send(bad, map[string]string{"skip_bad": "1"}); status != 200 || !res.Applied || res.Version.Skipped != 1 || res.Version.Rows != 1 {
			t.Errorf("left out knowingly: %d %+v", status, res)
		}
		if status, res := send(good, nil); status != 200 || !res.Applied || res.Version.Added != 1 || res.Same != 1 {
			t.Errorf("the next version: %d %+v", status, res)
		}
		if status, _ := send("姓名,1\n", nil); status != 422 {
			t.Errorf("no table: %d", status)
		}
		for who, kind := range map[string]string{"bar": Staff, "personnel": Lawyers, "staff": Lawyers} {
			before := versions()
			site.Actor = w.as(t, who)
			if status, _ := send(good, map[string]string{"kind": kind}); status != 403 && status != 404 || versions() != before {
				t.Errorf("%s brings %s: %d", who, kind, status)
			}
		}
	})
}
