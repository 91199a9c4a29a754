package export

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/personalised-prevention/nhs/governance"
)

// ProcessingDetails are what a record of processing activities needs and the software does not know. All
// are required: "none" is an answer, and an empty field is not.
type ProcessingDetails struct {
	// Contact and DataProtectionOfficer say how to reach the controller and the officer.
	Contact               string `json:"contact"`
	DataProtectionOfficer string `json:"dataProtectionOfficer"`
	// Subjects are the categories of people, such as "patients registered with a GP practice in England".
	Subjects []string `json:"subjects"`
	// Categories are those of personal data, such as "health".
	Categories []string `json:"categories"`
	// Processors and Recipients are who works on the data and to whom they are disclosed.
	Processors []string `json:"processors"`
	Recipients []string `json:"recipients"`
	// Transfers are those to other countries, and their safeguards.
	Transfers []string `json:"transfers"`
	// Security describes the measures in general.
	Security []string `json:"security"`
}

// ProcessingRecord is the row of a campaign in the record of processing activities (UK GDPR Article 30).
type ProcessingRecord struct {
	Stamp

	Purpose governance.PurposeFacet `json:"purpose"`
	Data    governance.DataFacet    `json:"data"`
	Volume  governance.VolumeFacet  `json:"volume"`
	Details ProcessingDetails       `json:"details"`
}

// NewProcessingRecord makes the row.
func NewProcessingRecord(p governance.Proposal, details ProcessingDetails, at time.Time) (*ProcessingRecord, error) {
	s, err := stamp(p, at)
	if err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name  string
		texts []string
	}{
		{"contact", one(details.Contact)},
		{"dataProtectionOfficer", one(details.DataProtectionOfficer)},
		{"subjects", details.Subjects},
		{"categories", details.Categories},
		{"processors", details.Processors},
		{"recipients", details.Recipients},
		{"transfers", details.Transfers},
		{"security", details.Security},
	} {
		if len(f.texts) == 0 {
			return nil, &governance.FieldError{Field: "details." + f.name, Reason: "is required"}
		}
		if err := impersonal("details."+f.name, f.texts...); err != nil {
			return nil, err
		}
	}
	return &ProcessingRecord{Stamp: s, Purpose: p.Purpose, Data: p.Data, Volume: p.Volume, Details: details}, nil
}

// one is a list of a text, or an empty list for none.
func one(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// Document makes the row ready to be written.
func (r *ProcessingRecord) Document() *Document {
	var sets, kept []string
	for _, s := range r.Data.Sets {
		sets = append(sets, fmt.Sprintf("%s (%s)", s.Name, strings.Join(s.Fields, ", ")))
		kept = append(kept, s.Name+": "+strconv.Itoa(s.RetentionDays)+" days")
	}
	d := r.Details
	return &Document{title: "Record of processing: " + r.Proposal, stamp: r.Stamp, data: r, sections: []section{
		{"Article 30", []block{facts(
			[2]string{"Controllers", list(r.Purpose.Controllers)},
			[2]string{"Contact", d.Contact},
			[2]string{"Data protection officer", d.DataProtectionOfficer},
			[2]string{"Purpose", r.Purpose.Text},
			[2]string{"Categories of people", list(d.Subjects)},
			[2]string{"Categories of personal data", list(d.Categories)},
			[2]string{"Data sets and fields", list(sets)},
			[2]string{"Processors", list(d.Processors)},
			[2]string{"Recipients", list(d.Recipients)},
			[2]string{"Transfers to other countries", list(d.Transfers)},
			[2]string{"Kept for", list(kept)},
			[2]string{"Security", list(d.Security)},
			[2]string{"At most so many people", thousands(r.Volume.HardCap)},
		)}},
		{"Legal basis", []block{basis(r.Purpose)}},
	}}
}
