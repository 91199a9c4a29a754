package cohort

import "slices"

// assign makes people for whom a value is x, which may be missing.
func (m *maker) assign(v value, x datum, d draft, at spot) (out []draft) {
	if m.left--; m.left < 0 {
		return nil
	}
	for _, proposal := range m.proposeValue(v, x, d, at) {
		got := proposal.read(v, at)
		if got.known() == x.known() && (!x.known() || got.compare(x) == 0) && len(out) < maxProposals {
			out = append(out, proposal)
		}
	}
	return out
}

func (m *maker) proposeValue(v value, x datum, d draft, at spot) []draft {
	switch v := v.(type) {
	case constant:
		return []draft{d}
	case columnValue:
		switch {
		case v.table.perPerson():
			return []draft{d.set(v.table, 0, v.column, x)}
		case v.table == at.table:
			return []draft{d.set(v.table, at.row, v.column, x)}
		}
	case pickValue:
		return m.inOneRow(v.rows, v.column, x, d)
	case countValue:
		return m.count(v.rows, int(x.number), d)
	case summaryValue:
		if v.how == distinct {
			return m.different(v, int(x.number), d)
		}
		return m.inOneRow(v.rows, v.column, x, d)
	case episodesValue:
		return m.episodes(v, int(x.number), d)
	case spanValue:
		return m.span(v, x, d, at)
	case shiftValue:
		return m.earlier(v.of, x, v.day, []Date{v.by.before(x.date), v.by.after(x.date)}, d, at)
	case edgeValue:
		return m.earlier(v.of, x, v.day, []Date{x.date}, d, at)
	case eachValue:
		return m.assign(v.of, x, d, at)
	case caseValue:
		return m.branch(v, x, d, at)
	case chosenValue:
		var out []draft
		for i, of := range v.of {
			alone := d
			for j, other := range v.of {
				if j == i {
					continue
				}
				if cleared := m.assign(other, missing(x.kind), alone, at); len(cleared) > 0 {
					alone = cleared[0]
				}
			}
			out = append(out, m.assign(of, x, alone, at)...)
			out = append(out, m.assign(of, x, d, at)...)
		}
		return out
	}
	return nil
}

// inOneRow leaves one matching row, or adds one, and puts the value there; a missing value also comes of no
// matching row.
func (m *maker) inOneRow(r rows, column int, x datum, d draft) (out []draft) {
	rows := d.matching(r)
	bases := []draft{d}
	if len(rows) == 0 {
		bases = m.addRow(r, d)
	} else {
		for _, only := range rows {
			others := slices.DeleteFunc(slices.Clone(rows), func(at int) bool { return at == only })
			bases = append(bases, d.remove(r.table, others...))
		}
	}
	for _, base := range bases {
		for _, at := range base.matching(r) {
			out = append(out, base.set(r.table, at, column, x))
		}
	}
	if !x.known() {
		out = append(out, d.remove(r.table, rows...))
	}
	return out
}

// count adds or takes away matching rows until there are n.
func (m *maker) count(r rows, n int, d draft) []draft {
	const most = 64
	rows := d.matching(r)
	if n < 0 || n > most {
		return nil
	}
	if len(rows) >= n {
		return []draft{d.remove(r.table, rows[n:]...)}
	}
	bases := []draft{d}
	if len(rows) == 0 {
		bases = m.addRow(r, d)
	}
	var out []draft
	for _, base := range bases {
		rows := base.matching(r)
		for len(rows) > 0 && len(rows) < n {
			next, _ := base.add(r.table, base.rows(r.table)[rows[0]])
			base = next
			now := base.matching(r)
			if len(now) <= len(rows) {
				break
			}
			rows = now
		}
		out = append(out, base)
	}
	return out
}

// different makes n rows that differ in a column.
func (m *maker) different(v summaryValue, n int, d draft) (out []draft) {
	for _, base := range m.count(v.rows, n, d) {
		values := m.variants(v.rows.table, v.column, n)
		for i, at := range base.matching(v.rows) {
			if i < len(values) {
				base = base.set(v.rows.table, at, v.column, values[i])
			}
		}
		out = append(out, base)
	}
	return out
}

// episodes makes n rows that lie further apart than the gap.
func (m *maker) episodes(v episodesValue, n int, d draft) (out []draft) {
	column := v.rows.table.order[0]
	for _, base := range m.count(v.rows, n, d) {
		rows := base.matching(v.rows)
		if len(rows) == 0 {
			out = append(out, base)
			continue
		}
		for _, back := range []bool{true, false} {
			next := base
			day := base.rows(v.rows.table)[rows[0]][column].date
			for _, at := range rows {
				next = next.set(v.rows.table, at, column, dateDatum(day))
				if back {
					day = v.gap.before(day).AddDays(-1)
				} else {
					day = v.gap.after(day).AddDays(1)
				}
			}
			out = append(out, next)
		}
	}
	return out
}

func (m *maker) span(v spanValue, x datum, d draft, at spot) (out []draft) {
	if !x.known() {
		return m.absent(d, at, v.from, v.to)
	}
	n := int(x.number)
	for _, d := range m.known(v.to, d, at) {
		to := d.read(v.to, at).date
		for _, from := range []Date{v.back(to, n), v.back(to, n+1).AddDays(1)} {
			for _, slip := range []int{0, 1, -1, 2, -2} {
				if from := from.AddDays(slip); v.count(from, to) == n {
					out = append(out, m.assign(v.from, dateDatum(from), d, at)...)
					break
				}
			}
		}
	}
	for _, d := range m.known(v.from, d, at) {
		from := d.read(v.from, at).date
		for _, slip := range []int{0, 1, -1, 2, -2} {
			if to := v.back(from, -n).AddDays(slip); v.count(from, to) == n {
				out = append(out, m.assign(v.to, dateDatum(to), d, at)...)
				break
			}
		}
	}
	return out
}

// back returns a day about n units before another.
func (v spanValue) back(to Date, n int) Date {
	switch v.unit {
	case inYears:
		return to.AddMonths(-12 * n)
	case inMonths:
		return to.AddMonths(-n)
	case inDays:
	}
	return to.AddDays(-n)
}

// earlier finds the day of which x is worked out, near where it should be.
func (m *maker) earlier(of value, x datum, day func(Date) Date, near []Date, d draft, at spot) (out []draft) {
	if !x.known() {
		return m.absent(d, at, of)
	}
	for _, guess := range near {
		for _, slip := range []int{0, 1, -1, 2, -2, 3, -3} {
			if from := guess.AddDays(slip); day(from) == x.date {
				out = append(out, m.assign(of, dateDatum(from), d, at)...)
				break
			}
		}
	}
	return out
}

// branch makes one branch apply whose value is or can be x.
func (m *maker) branch(v caseValue, x datum, d draft, at spot) (out []draft) {
	var conditions []node
	var want []Verdict
	try := func(then value) {
		before := len(out)
		for _, applied := range m.apply(conditions, want, d, at) {
			out = append(out, m.assign(then, x, applied, at)...)
		}
		if len(out) > before || !x.known() {
			return
		}
		for _, assigned := range m.assign(then, x, d, at) {
			out = append(out, m.apply(conditions, want, assigned, at)...)
		}
	}
	for _, b := range v.branches {
		conditions, want = append(conditions, b.when), append(want, Yes)
		try(b.then)
		if !x.known() {
			want[len(want)-1] = Unknown
			out = append(out, m.apply(conditions, want, d, at)...)
		}
		want[len(want)-1] = No
	}
	if v.otherwise != nil {
		try(v.otherwise)
	} else if !x.known() {
		out = append(out, m.apply(conditions, want, d, at)...)
	}
	return out
}

// apply brings about the answers of all conditions.
func (m *maker) apply(conditions []node, want []Verdict, d draft, at spot) []draft {
	applied, ok := m.every(conditions, want, d, at)
	if !ok {
		return nil
	}
	return []draft{applied}
}
