package pds_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/pds"
)

// everyRule are the fields that may break rules, so that the fuzzer reaches the
// patches behind them.
func everyRule() []string {
	return []string{
		"Gender", "BirthDate", "DeathTime", "DeathStatus", "MultipleBirth", "Name", "Name.Use", "Name.Period", "Name.Family", "Name.Given",
		"Name.Prefix", "Name.Suffix", "Address", "Address.Use", "Address.Text", "Address.Period", "Address.Lines", "Address.Keys",
		"Telecom", "Telecom.Use", "Telecom.System", "Telecom.Value", "Telecom.Period", "Contact", "Contact.Period", "Contact.Relationship",
		"Contact.Telecom", "GeneralPractice", "Communication.Language", "ContactPreference", "ContactPreference.Times",
		"NominatedPharmacy", "PreferredDispenser", "MedicalApplianceSupplier", "BirthPlace", "BirthPlace.Country",
	}
}

// wish asks an edit for something that two bytes and a text choose.
func wish(e *pds.Edit, what, which byte, text string) {
	period := pds.Period{Start: pds.DateTime(text)}
	use := []pds.Use{pds.Usual, pds.Nickname, pds.Old, pds.Maiden, pds.Temporary}[which%5]
	place := []pds.Use{pds.Home, pds.Temporary, pds.Billing, pds.Work}[which%4]
	system := []string{pds.Phone, pds.Email, pds.Textphone, pds.Fax}[which/4%4]
	id := string([]byte{"nact"[which%4], '1' + which/4%4})
	switch what % 32 {
	case 0:
		e.SetGender(pds.Gender(text))
	case 1:
		e.SetDeath(pds.DateTime(text))
	case 2:
		e.SetMultipleBirth(int(what))
	case 3:
		e.SetMultipleBirth(int(which))
	case 4:
		e.Name(use).SetFamily(text).SetPeriod(period)
	case 5:
		e.Name(use).SetGiven(text, text).SetPrefix(text)
	case 6:
		e.Name(use).Remove()
	case 7:
		e.Name(use).Set(pds.HumanName{Family: text, Suffix: []string{text}})
	case 8:
		e.NameByID(id).SetSuffix()
	case 9:
		e.NameByID(id).Remove()
	case 10:
		e.AddName(pds.HumanName{ID: text, Use: use, Family: text})
	case 11:
		e.Address(place).SetPostcode(text).SetPeriod(period)
	case 12:
		e.Address(place).SetLines(pds.AddressLines{Street: text, Town: text})
	case 13:
		e.Address(place).Set(pds.Address{Lines: []string{"", text, "", text, ""}, LineElements: json.RawMessage(`[null]`)})
	case 14:
		e.Address(place).Remove()
	case 15:
		e.AddressByID(id).SetText(text).SetKeys(pds.AddressKey{Type: "PAF", Value: text})
	case 16:
		e.AddressByID(id).Remove()
	case 17:
		e.Telecom(system, place).SetValue(text)
	case 18:
		e.Telecom(system, place).Remove()
	case 19:
		e.TelecomByID(id).SetPeriod(period)
	case 20:
		e.Contact(id).SetTelecom(pds.ContactPoint{System: system, Value: text})
	case 21:
		e.Contact(id).Remove()
	case 22:
		e.AddContact(pds.Contact{ID: text, Telecom: []pds.ContactPoint{{Value: text}}})
	case 23:
		e.SetGeneralPractice(text)
	case 24:
		e.SetPreferredDispenser(text)
	case 25:
		e.SetCommunication(pds.Communication{Language: pds.Coding{Code: text}, InterpreterRequired: which%2 == 0})
	case 26:
		e.SetContactPreference(pds.ContactPreference{Method: pds.Coding{Code: text}, Times: text})
	case 27:
		e.SetNominatedPharmacy(text)
	case 28:
		e.RemoveNominatedPharmacy()
	case 29:
		e.RemoveCommunication()
	case 30:
		e.SetBirthPlace(pds.Place{City: text})
	case 31:
		e.RemoveBirthPlace()
	}
}

// Whatever is wished for, the patches keep PDS's rules, and what nobody touched
// stays as it was.
func FuzzEdit(f *testing.F) {
	f.Add([]byte{4, 0, 6, 1, 9, 12, 10, 2}, "Lee")
	f.Add([]byte{11, 0, 12, 1, 13, 2, 14, 3, 16, 1}, "LS1 6AE")
	f.Add([]byte{27, 0, 28, 0, 27, 0, 29, 0, 25, 1, 31, 0, 30, 0}, "FA123")
	f.Add([]byte{0, 0, 1, 0, 2, 0, 3, 9, 17, 0, 18, 4, 19, 3, 20, 2, 21, 2, 22, 0, 23, 0, 24, 0}, "2026-01-01")
	f.Fuzz(func(t *testing.T, wishes []byte, text string) {
		edit := parse(t, full).Edit()
		edit.Allow(everyRule()...)
		touched := map[string]bool{}
		for ; len(wishes) >= 2; wishes = wishes[2:] {
			wish(edit, wishes[0], wishes[1], text)
		}
		patches, err := edit.Patches()
		if err != nil {
			if patches != nil {
				t.Errorf("patches beside %v", err)
			}
			return
		}
		for _, p := range patches {
			touched[strings.Split(p.Path, "/")[1]] = true
		}
		after := apply(t, []byte(full), patches)
		var p pds.Patient
		if err := json.Unmarshal(after, &p); err != nil {
			t.Fatalf("PDS would hold what cannot be read: %v", err)
		}
		var was, is map[string]any
		if err := errors.Join(json.Unmarshal([]byte(full), &was), json.Unmarshal(after, &is)); err != nil {
			t.Fatal(err)
		}
		for name := range was {
			if !touched[name] && !reflect.DeepEqual(was[name], is[name]) {
				t.Errorf("%s has changed without a patch", name)
			}
		}
	})
}
