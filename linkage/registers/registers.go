// Package registers knows the three tables that a screening holds against each other — staff, their relatives, lawyers —
// and links them with package linkage. It also makes up such registers, with planted truth, to measure on.
package registers

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"huikan/linkage"
)

// Rules read the registers; the categories are the kinds of left records, which meet the register at different rates.
func Rules() linkage.Rules {
	r := linkage.DefaultRules()
	for _, s := range []string{"在职", "退休", "辞职", "调离", "辞退", "开除"} {
		r.Categories = append(r.Categories, "staff/"+s)
	}
	for _, s := range []string{"配偶", "父亲", "母亲", "儿子", "女儿", "哥哥", "弟弟", "姐姐", "妹妹", "女婿", "儿媳"} {
		r.Categories = append(r.Categories, "relative/"+s)
	}
	return r
}

// Columns of the three registers.
var (
	StaffColumns = linkage.Columns{ID: "staff_id|人员编号", Name: "name|姓名", Former: []string{"former_name|曾用名"}, IDNo: "id_no|证件号码|身份证号", Birth: "birth_date|出生日期", Sex: "gender|性别",
		Places: []string{"unit_code|单位代码"}, Orgs: []string{"unit_name|单位名称|单位"}, Category: []string{"status|状态"}, Kind: "staff"}
	RelativeColumns = linkage.Columns{ID: "relative_id|亲属编号", Name: "name|姓名", IDNo: "id_no|证件号码|身份证号", Birth: "birth_date|出生日期", Sex: "gender|性别",
		Places: []string{"residence|居住地"}, Orgs: []string{"employer|工作单位"}, Category: []string{"relation|关系"}, Kind: "relative", Owner: "staff_id|人员编号"}
	LawyerColumns = linkage.Columns{ID: "lawyer_id|律师编号", Name: "name|姓名", IDNo: "id_no|证件号码|身份证号", Birth: "birth_date|出生日期", Sex: "gender|性别",
		Places: []string{"firm_city|执业地市", "province|省份"}, Orgs: []string{"firm_name|律师事务所", "former_employer|原工作单位"}}
)

// Files names the three tables.
type Files struct{ Staff, Relatives, Lawyers string }

// Options of a run.
type Options struct {
	linkage.Options
	Explain linkage.Language // empty: no explanations
	Model   *linkage.Model   // nil: learn from the registers
}

// Result of a run.
type Result struct {
	Staff, Relatives *linkage.Set
	Index            *linkage.Index
	Model            *linkage.Model
	Links            [2][]linkage.Link // of staff, of relatives
	Reports          []*linkage.Report
}

// Sources are the words for the two left registers in the file of links.
var Sources = [2]string{"staff", "relative"}

// Run reads the three files and links them.
func Run(ctx context.Context, f Files, o Options) (*Result, error) {
	rules := Rules()
	res := &Result{}
	read := func(path string, c linkage.Columns, owners *linkage.Owners) (*linkage.Set, error) {
		r, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("linkage: %w", err)
		}
		defer r.Close()
		s, rep, err := linkage.ReadTable(ctx, path, r, c, rules, owners, o.Options)
		if err != nil {
			return nil, err
		}
		res.Reports = append(res.Reports, rep)
		return s, nil
	}
	lawyers, err := read(f.Lawyers, LawyerColumns, nil)
	if err != nil {
		return nil, err
	}
	if res.Staff, err = read(f.Staff, StaffColumns, nil); err != nil {
		return nil, err
	}
	if res.Relatives, err = read(f.Relatives, RelativeColumns, linkage.NewOwners(res.Staff)); err != nil {
		return nil, err
	}
	x := linkage.NewIndex(lawyers, nil)
	if res.Model = o.Model; res.Model == nil {
		if res.Model, err = linkage.Learn(ctx, x, linkage.LearnOptions{Workers: o.Workers}, res.Staff, res.Relatives); err != nil {
			return nil, err
		}
	}
	res.Index = x.With(res.Model)
	for i, s := range []*linkage.Set{res.Staff, res.Relatives} {
		if res.Links[i], err = res.Index.Link(ctx, s, o.Options); err != nil {
			return nil, err
		}
	}
	res.settle()
	return res, nil
}

// settle lets the members of each house compete for a record.
func (r *Result) settle() {
	var claims []linkage.Claim
	for i := range r.Links[0] {
		l := &r.Links[0][i]
		claims = append(claims, linkage.Claim{House: l.Left, Left: r.Staff, Link: l})
	}
	for i := range r.Links[1] {
		l := &r.Links[1][i]
		if o := r.Relatives.Owner(l.Left); o >= 0 {
			claims = append(claims, linkage.Claim{House: o, Left: r.Relatives, Link: l})
		}
	}
	r.Index.Settle(claims)
	for i := range r.Links {
		r.Links[i] = slices.DeleteFunc(r.Links[i], func(l linkage.Link) bool { return l.Band == linkage.Drop })
	}
}

// Write writes the links as a table.
func (r *Result) Write(w io.Writer, explain linkage.Language) error {
	b := bufio.NewWriterSize(w, 1<<16)
	c := csv.NewWriter(b)
	row := []string{"source", "source_id", "lawyer_id", "probability", "band"}
	if explain != "" {
		row = append(row, "explanation")
	}
	if err := c.Write(row); err != nil {
		return fmt.Errorf("linkage: writing links: %w", err)
	}
	for i, s := range []*linkage.Set{r.Staff, r.Relatives} {
		var accounts []string
		if explain != "" {
			accounts = r.Index.Accounts(s, r.Links[i], explain)
		}
		for n, l := range r.Links[i] {
			row = append(row[:0], Sources[i], s.ID(l.Left), r.Index.ID(l.Right), strconv.FormatFloat(l.Probability, 'f', 4, 64), string(l.Band))
			if explain != "" {
				row = append(row, accounts[n])
			}
			if err := c.Write(row); err != nil {
				return fmt.Errorf("linkage: writing links: %w", err)
			}
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("linkage: writing links: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("linkage: writing links: %w", err)
	}
	return nil
}
