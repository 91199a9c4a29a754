package cohort

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// Which values a made-up person can have.

func newMaker(p *Plan) *maker {
	m := &maker{plan: p, ref: MustDate("2000-01-01"), decimal: 1}
	found := false
	for part := range p.parts {
		v, ok := part.(constant)
		switch {
		case !ok:
		case v.datum.kind == DateKind && (!found || v.param == string(Index)):
			m.ref, found = v.datum.date, true
		case v.datum.kind == NumberKind:
			m.decimal = max(m.decimal, math.Pow10(decimals(v.datum.number)+1))
		}
	}
	return m
}

// decimals counts the decimal places of a number as it is written, up to as many as stay exact enough.
func decimals(x float64) int {
	_, fraction, _ := strings.Cut(formatNumber(x), ".")
	return min(len(fraction), 8)
}

// around returns a value with its neighbours.
func (m *maker) around(v value, x datum) []datum {
	switch x.kind {
	case DateKind:
		return []datum{x, dateDatum(x.date.AddDays(-1)), dateDatum(x.date.AddDays(1))}
	case NumberKind:
		near := []datum{x, numberDatum(math.Floor(x.number)), numberDatum(math.Ceil(x.number))}
		for _, by := range []float64{1, 1 / m.grid(v)} {
			near = append(near, numberDatum(x.number-by), numberDatum(x.number+by))
		}
		return near
	case TextKind, CodeKind, CodesKind:
	}
	return nil
}

// grid is how many values lie between two whole numbers: none between counts and completed units of time.
func (m *maker) grid(v value) float64 {
	switch v := v.(type) {
	case countValue, episodesValue, spanValue:
		return 1
	case summaryValue:
		if v.how == distinct {
			return 1
		}
	default:
	}
	return m.decimal
}

// plausible is some value of the kind.
func (m *maker) plausible(v value) datum {
	kind := kindOf(v)
	switch kind {
	case DateKind:
		return dateDatum(m.ref)
	case NumberKind:
		return numberDatum(1)
	case TextKind, CodeKind, CodesKind:
	}
	table, column := columnOf(v)
	if table == nil {
		return textDatum(kind, "known")
	}
	return m.variants(table, column, 1)[0]
}

// columnOf returns the column that a value comes from, or nil.
func columnOf(v value) (*Table, int) {
	switch v := v.(type) {
	case columnValue:
		return v.table, v.column
	case pickValue:
		return v.rows.table, v.column
	case summaryValue:
		return v.rows.table, v.column
	case eachValue:
		return columnOf(v.of)
	case chosenValue:
		return columnOf(v.of[0])
	case caseValue:
		return columnOf(v.branches[0].then)
	default:
		return nil, 0
	}
}

// variants returns n different values of a column.
func (m *maker) variants(t *Table, column, n int) []datum {
	info := t.info.Columns[column]
	var out []datum
	add := func(x datum) bool {
		x = t.clean(column, x)
		if x.known() && !slices.ContainsFunc(out, func(o datum) bool { return o.compare(x) == 0 }) {
			out = append(out, x)
		}
		return len(out) < n
	}
	switch info.Kind {
	case DateKind:
		for i := 0; i < 2*n+100 && add(dateDatum(m.ref.AddDays(-i))); i++ {
		}
	case NumberKind:
		for i := 1; i < 2*n+100 && add(numberDatum(float64(i))); i++ {
		}
	case TextKind:
		for _, value := range sortedKeys(info.Values) {
			if !add(textDatum(TextKind, value)) {
				return out
			}
		}
		for i := 1; i < 2*n+100 && add(textDatum(TextKind, "made-up "+strconv.Itoa(i))); i++ {
		}
	case CodeKind, CodesKind:
		for code := range m.codesOf(info.System) {
			if !add(codeDatum(info.Kind, code)) {
				break
			}
		}
	}
	return out
}

func codeDatum(kind Kind, code string) datum {
	if kind == CodesKind {
		return codesDatum([]string{code})
	}
	return textDatum(kind, code)
}

// codes returns codes that are in the list, or not.
func (m *maker) codes(n inCodesNode, want Verdict) (out []datum) {
	const some = 3
	kind := kindOf(n.value)
	if want == Yes {
		for code := range n.list.Exact() {
			if out = append(out, codeDatum(kind, code)); len(out) == some {
				return out
			}
		}
		for from := range n.list.Ranges() {
			if out = append(out, codeDatum(kind, from)); len(out) == some {
				return out
			}
		}
		return out
	}
	return []datum{codeDatum(kind, m.codeOutside(n.list, systemOf(n.value)))}
}

// codeOutside returns a code of the system, right by form and check digit, that is in no list of the plan or, if
// need be, at least not in the one.
func (m *maker) codeOutside(list *codelist.List, system codelist.System) string {
	var lists []*codelist.List
	for part := range m.plan.parts {
		if n, ok := part.(inCodesNode); ok {
			lists = append(lists, n.list)
		}
	}
	var near string
	tries := 0
	for code := range m.madeUp(system) {
		if tries++; tries > 5000 {
			break
		}
		if list != nil && list.Contains(code) {
			continue
		}
		if near == "" {
			near = code
		}
		if !slices.ContainsFunc(lists, func(l *codelist.List) bool { return l.Contains(code) }) {
			return code
		}
	}
	return near
}

// codesOf yields the codes of the system that the plan's lists hold, then made-up ones.
func (m *maker) codesOf(system codelist.System) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for part := range m.plan.parts {
			if n, ok := part.(inCodesNode); ok && compatible(n.list.System(), system) {
				for code := range n.list.Exact() {
					if !yield(code) {
						return
					}
				}
			}
		}
		for code := range m.madeUp(system) {
			if !yield(code) {
				return
			}
		}
	}
}

// madeUp yields codes that are right by form and check digit. Whether one was ever issued is not known.
func (m *maker) madeUp(system codelist.System) func(yield func(string) bool) {
	form := "%02d" // of A&E data and critical care
	switch system {
	case codelist.SNOMEDCT, codelist.DMD:
		form = "99900%04d00"
	case codelist.ICD10, codelist.OPCS4:
		form = "Y%02d"
	case codelist.AEDiagnosis, codelist.AEInvestigation, codelist.AETreatment, codelist.CriticalCareActivity:
	}
	return func(yield func(string) bool) {
		for i := range 100 {
			code := fmt.Sprintf(form, i)
			if strings.HasPrefix(form, "999") {
				for digit := range 10 {
					if whole := code + strconv.Itoa(digit); system.Check(whole) == nil {
						code = whole
						break
					}
				}
			}
			if system.Check(code) == nil && !yield(code) {
				return
			}
		}
	}
}

// texts returns texts that are in the set, or not.
func (m *maker) texts(n inTextsNode, want Verdict) (out []datum) {
	if want == Yes {
		for _, text := range n.texts[:min(len(n.texts), 20)] {
			out = append(out, textDatum(TextKind, text))
		}
		return out
	}
	in := func(text string) bool { return slices.Contains(n.texts, text) }
	if table, column := columnOf(n.value); table != nil {
		info := table.info.Columns[column]
		for _, text := range sortedKeys(info.Values) {
			if !in(text) && !slices.Contains(info.Unknowns, text) {
				out = append(out, textDatum(TextKind, text))
			}
		}
	}
	if len(out) > 0 {
		return out[:min(len(out), 3)]
	}
	// A set of names, such as practices, has no list of others: take the next after the last.
	next := nextText(n.texts[len(n.texts)-1])
	for in(next) {
		next += "1"
	}
	return append(out, textDatum(TextKind, next))
}

// nextText counts the last character of a text up by one, where that gives another of its kind.
func nextText(text string) string {
	last := text[len(text)-1]
	if last >= '0' && last < '9' || last >= 'A' && last < 'Z' || last >= 'a' && last < 'z' {
		return text[:len(text)-1] + string(rune(last+1))
	}
	return text + "1"
}

func sortedKeys(values map[string]string) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
