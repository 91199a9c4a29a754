package pdstest

import (
	"cmp"
	"strconv"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/pds"
)

// Person is a person in compact form. Everything but Number may be left out.
type Person struct {
	Number      nhs.Number
	Family      string
	Given       []string
	Gender      pds.Gender
	Born        nhs.Date // may be known to the month or year
	Lines       []string // of the home address
	Postcode    string   // of the home address
	Phone       string
	Email       string
	GP          string              // ODS code of the general practice
	Security    pds.Confidentiality // "" is unrestricted
	Died        nhs.Date
	DeathStatus pds.DeathStatus // "" is no notification, even if Died is set
	Removed     string          // why removed from registration: DEA, EMB, SCT, NIT, TRA or ORR
	RemovedOn   nhs.Date
}

// personOf reads what searches look at.
func personOf(p pds.Patient) Person {
	name, _ := p.UsualName()
	home, _ := p.HomeAddress()
	person := Person{
		Number: p.Number, Family: name.Family, Given: name.Given, Gender: p.Gender, Born: p.BirthDate,
		Postcode: home.Postcode, GP: p.GeneralPractice(), Died: p.DeathTime.Date(),
	}
	for _, c := range p.Telecom {
		switch c.System {
		case "phone":
			person.Phone = cmp.Or(person.Phone, c.Value)
		case "email":
			person.Email = cmp.Or(person.Email, c.Value)
		}
	}
	if p.Restricted() {
		person.Security = pds.Restricted
	}
	return person
}

func (p *Person) restricted() bool { return p.Security != "" && p.Security != pds.Unrestricted }

// Addresses of extensions and code systems.
const (
	extensions = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
	codes      = "https://fhir.hl7.org.uk/CodeSystem/UKCore-"
	odsSystem  = "https://fhir.nhs.uk/Id/ods-organization-code"
)

// fhir renders the person as a FHIR Patient.
func (p *Person) fhir(version int) object {
	number := p.Number.Reveal()
	security := cmp.Or(p.Security, pds.Unrestricted)
	patient := object{
		"resourceType": "Patient",
		"id":           number,
		"meta": object{
			"versionId": strconv.Itoa(version),
			"security": list{coding("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "",
				string(security), securityDisplay(security))},
		},
		"identifier": list{object{
			"system": "https://fhir.nhs.uk/Id/nhs-number",
			"value":  number,
			"extension": list{object{
				"url":                  extensions + "NHSNumberVerificationStatus",
				"valueCodeableConcept": concept(codes+"NHSNumberVerificationStatus", "1.0.0", "01", "Number present and verified"),
			}},
		}},
	}
	if p.Family != "" || len(p.Given) > 0 {
		name := object{"id": "name-1", "use": "usual"}
		fill(name, "family", p.Family)
		fillList(name, "given", p.Given)
		patient["name"] = list{name}
	}
	fill(patient, "gender", string(p.Gender))
	fill(patient, "birthDate", p.Born.String())
	fill(patient, "deceasedDateTime", dateTime(p.Died))
	if p.Postcode != "" || len(p.Lines) > 0 {
		home := object{"id": "address-1", "use": "home"}
		fill(home, "postalCode", p.Postcode)
		fillList(home, "line", p.Lines)
		patient["address"] = list{home}
	}
	if telecom := p.telecom(); telecom != nil {
		patient["telecom"] = telecom
	}
	if p.GP != "" {
		patient["generalPractitioner"] = list{object{
			"id": "gp-1", "type": "Organization", "identifier": object{"system": odsSystem, "value": p.GP},
		}}
	}
	if more := p.extensions(); more != nil {
		patient["extension"] = more
	}
	return patient
}

func (p *Person) telecom() list {
	var t list
	if p.Phone != "" {
		t = append(t, object{"id": "phone-1", "system": "phone", "use": "home", "value": p.Phone})
	}
	if p.Email != "" {
		t = append(t, object{"id": "email-1", "system": "email", "use": "home", "value": p.Email})
	}
	return t
}

func (p *Person) extensions() list {
	var e list
	if p.DeathStatus != "" {
		parts := list{object{
			"url":                  "deathNotificationStatus",
			"valueCodeableConcept": concept(codes+"DeathNotificationStatus", "1.0.0", string(p.DeathStatus), deathDisplay(p.DeathStatus)),
		}}
		if !p.Died.IsZero() {
			parts = append(parts, object{"url": "systemEffectiveDate", "valueDateTime": dateTime(p.Died)})
		}
		e = append(e, object{"url": extensions + "DeathNotificationStatus", "extension": parts})
	}
	if p.Removed != "" {
		parts := list{object{
			"url":                  "removalFromRegistrationCode",
			"valueCodeableConcept": concept("https://fhir.nhs.uk/CodeSystem/PDS-RemovalReasonExitCode", "", p.Removed, removalDisplay(p.Removed)),
		}}
		if !p.RemovedOn.IsZero() {
			parts = append(parts, object{"url": "effectiveTime", "valuePeriod": object{"start": dateTime(p.RemovedOn)}})
		}
		e = append(e, object{
			"url": "https://fhir.nhs.uk/StructureDefinition/Extension-PDS-RemovalFromRegistration", "extension": parts,
		})
	}
	return e
}

// fill sets what is not empty.
func fill(o object, name, value string) {
	if value != "" {
		o[name] = value
	}
}

func fillList(o object, name string, values []string) {
	if len(values) > 0 {
		o[name] = values
	}
}

// dateTime writes a date as PDS writes the moments it knows to the day.
func dateTime(d nhs.Date) string {
	if d.Whole() {
		return d.String() + "T00:00:00+00:00"
	}
	return d.String()
}

func securityDisplay(c pds.Confidentiality) string {
	switch c {
	case pds.Unrestricted:
		return "unrestricted"
	case pds.Restricted:
		return "restricted"
	case pds.VeryRestricted:
		return "very restricted"
	case pds.Redacted:
		return "redacted"
	default:
		return ""
	}
}

func deathDisplay(s pds.DeathStatus) string {
	switch s {
	case pds.DeathInformal:
		return "Informal - death notice received via an update from a local NHS Organisation such as GP or Trust"
	case pds.DeathFormal:
		return "Formal - death notice received from Registrar of Deaths"
	case pds.DeathWithdrawn:
		return "Removed"
	default:
		return ""
	}
}

func removalDisplay(code string) string {
	switch code {
	case "DEA":
		return "Death"
	case "EMB":
		return "Embarkation"
	case "SCT":
		return "Transferred to Scotland"
	case "NIT":
		return "Transferred to Northern Ireland"
	case "TRA":
		return "Temporary resident not returned"
	default:
		return "Other reason"
	}
}
