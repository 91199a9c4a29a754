package main

import (
	"context"
	"slices"
	"time"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/governance"
	"github.com/personalised-prevention/nhs/pds"
	"github.com/personalised-prevention/nhs/pds/pdstest"
)

// testNumber returns the i-th number of a block that the invented population does
// not use.
func testNumber(i int) nhs.Number {
	for value := int64(9_999_990_000); ; value++ {
		n, err := nhs.NumberFromInt(value)
		if err != nil {
			continue
		}
		if i == 0 {
			return n
		}
		i--
	}
}

// The test people: ten whom a rehearsal messages, and two of each kind whom the
// checks must catch.
const rehearsalPeople = 10

func rehearsal() []nhs.Number {
	people := make([]nhs.Number, rehearsalPeople)
	for i := range people {
		people[i] = testNumber(i)
	}
	return people
}

func sentinels() map[string][]nhs.Number {
	planted := map[string][]nhs.Number{}
	next := rehearsalPeople
	for _, kind := range []campaign.Reason{
		campaign.Deceased, campaign.Restricted, campaign.Superseded, campaign.Removed, campaign.NoRecord, campaign.UnderAge,
		campaign.Objected,
	} {
		planted[string(kind)] = []nhs.Number{testNumber(next), testNumber(next + 1)}
		next += 2
	}
	return planted
}

// testPeople are registered in PDS beside the population.
func testPeople() []pdstest.Person {
	var people []pdstest.Person
	for _, n := range rehearsal() {
		people = append(people, testPerson(n))
	}
	planted := sentinels()
	for i, n := range planted[string(campaign.Deceased)] {
		p := testPerson(n)
		p.DeathStatus = []pds.DeathStatus{pds.DeathInformal, pds.DeathFormal}[i%2]
		people = append(people, p)
	}
	for i, n := range planted[string(campaign.Restricted)] {
		p := testPerson(n)
		p.Security = []pds.Confidentiality{pds.Restricted, pds.VeryRestricted}[i%2]
		people = append(people, p)
	}
	for _, n := range planted[string(campaign.Removed)] {
		p := testPerson(n)
		p.Removed = "EMB"
		people = append(people, p)
	}
	for _, n := range planted[string(campaign.UnderAge)] {
		p := testPerson(n)
		p.Born = birthday(2012)
		people = append(people, p)
	}
	return people
}

// objections is the programme's register of who does not want to hear from it. In
// the demonstration only the planted test people are in it.
func objections(now func() time.Time) campaign.Screen {
	objected := sentinels()[string(campaign.Objected)]
	return func(_ context.Context, people []nhs.Number) (campaign.Screened, error) {
		allowed := slices.DeleteFunc(slices.Clone(people), func(n nhs.Number) bool { return slices.Contains(objected, n) })
		return campaign.Screened{Allowed: allowed, At: now()}, nil
	}
}

// supersededTestPeople maps replaced test numbers to those in their place.
func supersededTestPeople() map[nhs.Number]nhs.Number {
	merged := map[nhs.Number]nhs.Number{}
	for _, n := range sentinels()[string(campaign.Superseded)] {
		merged[n] = testNumber(0)
	}
	return merged
}

func testPerson(n nhs.Number) pdstest.Person {
	return pdstest.Person{Number: n, Family: "Test", Given: []string{"Person"}, Gender: pds.Female, Born: birthday(1970), GP: "A99001"}
}

func birthday(year int) nhs.Date {
	d, err := nhs.DateOf(year, time.May, 17)
	if err != nil {
		panic(err) // a constant
	}
	return d
}

// member is one member of staff of the demonstration.
type member struct {
	id    governance.PersonID
	roles []governance.Role
}

// staff are the people who sign, and the author, who is the author's lead's
// colleague and signs nothing.
func staff() []member {
	return []member{
		{author, nil}, // known, so that it cannot be somebody who signs, by another name
		{"c.okafor", []governance.Role{governance.RoleCommissioner}},
		{"l.marsh", []governance.Role{governance.RoleAuthorLead}},
		{"p.caas", []governance.Role{governance.RolePlatformCaaS}},
		{"p.notify", []governance.Role{governance.RolePlatformNotify}},
		{"b.holder", []governance.Role{governance.RoleBudgetHolder}},
		{"i.governance", []governance.Role{governance.RoleLegal}},
		{"d.protection", []governance.Role{governance.RoleDPO}},
		{"c.guardian", []governance.Role{governance.RoleCaldicott}},
		{"dr.safety", []governance.Role{governance.RoleCSO}},
		{"dr.clinical", []governance.Role{governance.RoleClinicalLead}},
		{"t.ester", []governance.Role{governance.RoleTester}},
		{"a.prover", []governance.Role{governance.RoleApprover}},
		{"r.elease", []governance.Role{governance.RoleReleaser}},
	}
}
