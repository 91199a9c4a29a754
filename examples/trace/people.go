package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/nhstest"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// people are invented, and so is what a hospital's file says of them: of every ten
// lines, six are found, and one each is dead, restricted, superseded, and nobody's
// or no NHS number at all.
type people struct {
	file       string // one number a line
	known      []pdstest.Person
	superseded map[nhs.Number]nhs.Number
}

func invent(lines int) (people, error) {
	if lines < 1 || lines > 1_000_000 {
		return people{}, fmt.Errorf("-people must be 1 to 1,000,000, not %d", lines)
	}
	p := people{superseded: map[nhs.Number]nhs.Number{}}
	var file strings.Builder
	next := 9_990_000_000
	number := func() nhs.Number {
		for {
			n, err := nhs.ParseNumber(strconv.Itoa(next))
			next++
			if err == nil {
				return n
			}
		}
	}
	for i := range lines {
		person := pdstest.Person{Number: number(), Family: "Capon", GP: "A81001", Postcode: "LS1 6AE"}
		asked := person.Number.Reveal()
		switch i % 10 {
		case 6:
			person.DeathStatus = pds.DeathFormal
		case 7:
			person.Security = pds.Restricted
		case 8:
			former := number()
			p.superseded[former], asked = person.Number, former.Reveal()
		case 9:
			person.Number = nhs.Number{} // nobody's
			if i%20 == 9 {
				asked = "not known"
			}
		}
		if !person.Number.IsZero() {
			p.known = append(p.known, person)
		}
		file.WriteString(asked + "\n")
	}
	p.file = file.String()
	return p, nil
}

// serve runs a PDS that knows the people, and returns an application of it.
func serve(p people, opts ...nhs.Option) (*nhstest.NHS, *nhs.App, error) {
	services, err := nhstest.Start(nhstest.Options{})
	if err != nil {
		return nil, nil, err
	}
	if err := services.PDS.Put(p.known...); err != nil {
		return nil, nil, err
	}
	for former, latter := range p.superseded {
		if err := services.PDS.Supersede(former, latter); err != nil {
			return nil, nil, err
		}
	}
	app, err := services.App("trace-example", opts...)
	return services, app, err
}
