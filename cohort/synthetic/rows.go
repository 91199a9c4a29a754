package synthetic

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Rows says which tables a population has and how many rows a person has in each on average, by name of the table. The
// means are those of people who take as much care as the average; tables that no name is given of are left out.
//
// The three tables of package person have as many rows as people, moves and deaths make: any number above zero puts them
// in. The tables of cancer treatment follow sact.administrations and rtds.attendances, but for one row at least of
// everybody who was treated. A journal with fewer rows than its core has its core.
type Rows map[string]float64

// National returns the rows of England. Published, for those of GPES and hospitals: the rows of NHS England's Secure Data
// Environment on 2025-11-04, for each of the 68.2 million people with a GP record. Assumed: those of cancer treatment,
// of which no public count was found.
//
//	gpes.journal   238     16,257 million
//	hes.apc          7.5      510 million
//	hes.op          32.7    2,228 million
//	hes.ae           3.5      240 million
//	hes.ecds         2.2      151 million
//	hes.cc           0.175     12 million
func National() Rows {
	return Rows{
		"person": 1, "person.registrations": 1.14, "person.deaths": 0.008,
		"gpes.journal": 238, "hes.apc": 7.5, "hes.op": 32.7, "hes.ae": 3.5, "hes.ecds": 2.2, "hes.cc": 0.175,
		"sact.regimens": 0.04, "sact.cycles": 0.22, "sact.drugs": 0.8, "sact.administrations": 0.8, "sact.outcomes": 0.04,
		"rtds.attendances": 0.3, "rtds.prescriptions": 0.3, "rtds.exposures": 0.6,
	}
}

// Times returns the same with so many times the rows, but for the tables of package person: National().Times(0.06) is
// about 19 events a person.
func (r Rows) Times(factor float64) Rows {
	scaled := maps.Clone(r)
	for name := range scaled {
		if name != "person" && name != "person.registrations" && name != "person.deaths" {
			scaled[name] *= factor
		}
	}
	return scaled
}

// orCore is r, or what there is when it is nil.
func (r Rows) orCore() Rows {
	if r == nil {
		return Rows{"person": 1, "gpes.journal": coreRows}
	}
	return r
}

func (r Rows) check() error {
	if r == nil {
		return nil
	}
	known := National()
	for _, name := range slices.Sorted(maps.Keys(r)) {
		if _, ok := known[name]; !ok || !(r[name] >= 0 && r[name] <= 100_000) { // nor is what is no number
			return fmt.Errorf("synthetic.New: Config.Rows: %q is no table, or its rows are not from 0 to 100000", name)
		}
	}
	if r["person"] == 0 {
		return errors.New("synthetic.New: Config.Rows: the table person is always there")
	}
	return nil
}

func shares(of []treatment) (list []share[*treatment]) {
	for i := range of {
		list = append(list, share[*treatment]{of[i].share, &of[i]})
	}
	return list
}

// supplier returns the system of a practice.
func (p *Population) supplier(practice int) int {
	at := float64(mix(uint64(practice))%1000) / 10 //nolint:gosec // a place
	for i, percent := range supplierPercents() {
		if at -= percent; at < 0 {
			return i
		}
	}
	return 0
}

// supplierPercents are from memory: EMIS, TPP, and two others.
func supplierPercents() [4]float64 { return [4]float64{55, 43, 1, 1} }
