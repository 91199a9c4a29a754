package caas

import (
	"strconv"

	"github.com/parquet-go/parquet-go/format"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/flatfile"
)

// column ties a column of the file to a field of [Record], in both directions.
type column struct {
	flatfile.Column // the type to write

	read func(*Record, cell) error
	text func(*Record) *string // the field, if it holds text that may be anything

	check func(*Record) error // whether the field can be written; nil if any can
	write func(*Record, *flatfile.Builder)
}

// The columns without which a file is not a cohort file.
const (
	columnType   = "record_type"
	columnNumber = "nhs_number"
)

// columns returns the 38 columns of a cohort file in their order.
func columns() []column {
	return []column{
		recordType(),
		integer("change_time_stamp", func(r *Record) *int64 { return &r.ChangeTimestamp }),
		integer("serial_change_number", func(r *Record) *int64 { return &r.SerialChangeNumber }),
		number(columnNumber, func(r *Record) *nhs.Number { return &r.Number }),
		number("superseded_by_nhs_number", func(r *Record) *nhs.Number { return &r.SupersededBy }),
		text("primary_care_provider", func(r *Record) *string { return &r.PrimaryCareProvider }),
		date("primary_care_effective_from_date", func(r *Record) *nhs.Date { return &r.PrimaryCareProviderFrom }),
		text("current_posting", func(r *Record) *string { return &r.CurrentPosting }),
		date("current_posting_effective_from_date", func(r *Record) *nhs.Date { return &r.CurrentPostingFrom }),
		text("name_prefix", func(r *Record) *string { return &r.NamePrefix }),
		text("given_name", func(r *Record) *string { return &r.GivenName }),
		text("other_given_name", func(r *Record) *string { return &r.OtherGivenName }),
		text("family_name", func(r *Record) *string { return &r.FamilyName }),
		text("previous_family_name", func(r *Record) *string { return &r.PreviousFamilyName }),
		date("date_of_birth", func(r *Record) *nhs.Date { return &r.BirthDate }),
		code("gender", format.Int64, func(r *Record) *Gender { return &r.Gender }),
		text("address_line_1", func(r *Record) *string { return &r.AddressLines[0] }),
		text("address_line_2", func(r *Record) *string { return &r.AddressLines[1] }),
		text("address_line_3", func(r *Record) *string { return &r.AddressLines[2] }),
		text("address_line_4", func(r *Record) *string { return &r.AddressLines[3] }),
		text("address_line_5", func(r *Record) *string { return &r.AddressLines[4] }),
		text("postcode", func(r *Record) *string { return &r.Postcode }),
		text("paf_key", func(r *Record) *string { return &r.PAFKey }),
		date("address_effective_from_date", func(r *Record) *nhs.Date { return &r.AddressFrom }),
		text("reason_for_removal", func(r *Record) *string { return &r.ReasonForRemoval }),
		date("reason_for_removal_effective_from_date", func(r *Record) *nhs.Date { return &r.ReasonForRemovalFrom }),
		date("date_of_death", func(r *Record) *nhs.Date { return &r.DeathDate }),
		code("death_status", format.Int32, func(r *Record) *DeathStatus { return &r.DeathStatus }),
		text("home_telephone_number", func(r *Record) *string { return &r.HomeTelephone }),
		date("home_telephone_effective_from_date", func(r *Record) *nhs.Date { return &r.HomeTelephoneFrom }),
		text("mobile_telephone_number", func(r *Record) *string { return &r.MobileTelephone }),
		date("mobile_telephone_effective_from_date", func(r *Record) *nhs.Date { return &r.MobileTelephoneFrom }),
		text("email_address", func(r *Record) *string { return &r.Email }),
		date("email_address_effective_from_date", func(r *Record) *nhs.Date { return &r.EmailFrom }),
		text("preferred_language", func(r *Record) *string { return &r.PreferredLanguage }),
		boolean("is_interpreter_required", func(r *Record) **bool { return &r.InterpreterRequired }),
		boolean("invalid_flag", func(r *Record) **bool { return &r.Invalid }),
		boolean("eligibility", func(r *Record) **bool { return &r.Eligible }),
	}
}

// recordType is the column of the record type.
func recordType() column {
	return column{
		Column: textColumn(columnType),
		read: func(r *Record, c cell) error {
			if c.kind == kindText {
				for _, t := range [...]RecordType{Add, Amend, Delete} {
					if string(c.values.Texts[c.row]) == string(t) {
						r.Type = t // without another copy of the text
						return nil
					}
				}
			}
			s, err := c.text()
			r.Type = RecordType(s)
			return err
		},
		write: func(r *Record, out *flatfile.Builder) { writeText(out, string(r.Type)) },
	}
}

func textColumn(name string) flatfile.Column {
	return flatfile.Column{Name: name, Type: format.ByteArray, Logical: new(format.StringType)}
}

func writeText(out *flatfile.Builder, s string) {
	if s == "" {
		out.Null()
	} else {
		out.Text(s)
	}
}

// text is a column of text.
func text(name string, field func(*Record) *string) column {
	return column{
		Column: textColumn(name), text: field,
		read: func(r *Record, c cell) (err error) {
			*field(r), err = c.text()
			return err
		},
		check: func(r *Record) error {
			if len(*field(r)) > maxText {
				return errTooLong
			}
			return nil
		},
		write: func(r *Record, out *flatfile.Builder) { writeText(out, *field(r)) },
	}
}

// date is a column of dates as text, whole or partial.
func date(name string, field func(*Record) *nhs.Date) column {
	room := make([]byte, 0, 8) // of one Writer: each has columns of its own
	return column{
		Column: textColumn(name),
		read: func(r *Record, c cell) (err error) {
			*field(r), err = c.date()
			return err
		},
		write: func(r *Record, out *flatfile.Builder) {
			d := *field(r)
			if d.IsZero() {
				out.Null()
				return
			}
			room = appendDate(room[:0], d)
			out.Bytes(room)
		},
	}
}

// appendDate appends what [nhs.Date.Compact] returns.
func appendDate(b []byte, d nhs.Date) []byte {
	y, m, day := d.Parts()
	b = append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10)) //nolint:gosec // four digits
	for _, n := range [...]int{int(m), day} {
		if n != 0 {
			b = append(b, byte('0'+n/10), byte('0'+n%10)) //nolint:gosec // two digits
		}
	}
	return b
}

// integer is a column of integers in which zero says nothing.
func integer(name string, field func(*Record) *int64) column {
	return column{
		Column: flatfile.Column{Name: name, Type: format.Int64},
		read: func(r *Record, c cell) error {
			n, _, err := c.integer()
			*field(r) = n
			return err
		},
		write: func(r *Record, out *flatfile.Builder) {
			if n := *field(r); n == 0 {
				out.Null()
			} else {
				out.Integer(n)
			}
		},
	}
}

// number is a column of NHS numbers, as integers without leading zeros. Zero is
// no number.
func number(name string, field func(*Record) *nhs.Number) column {
	return column{
		Column: flatfile.Column{Name: name, Type: format.Int64},
		read: func(r *Record, c cell) error {
			n, present, err := c.integer()
			switch {
			case err != nil:
				return err
			case !present && name == columnNumber:
				return errMissing
			case n == 0:
				return nil
			}
			v, err := nhs.NumberFromInt(n)
			if err != nil {
				return errNumber
			}
			*field(r) = v
			return nil
		},
		write: func(r *Record, out *flatfile.Builder) {
			if n := *field(r); n.IsZero() && name != columnNumber {
				out.Null()
			} else {
				out.Integer(n.Int())
			}
		},
	}
}

// code is a column of integers that stand for something, 0 included.
func code[T ~string](name string, of format.Type, field func(*Record) *T) column {
	return column{
		Column: flatfile.Column{Name: name, Type: of},
		read: func(r *Record, c cell) error {
			n, present, err := c.integer()
			if err == nil && present {
				*field(r) = T(strconv.FormatInt(n, 10))
			}
			return err
		},
		check: func(r *Record) error {
			s := string(*field(r))
			if _, ok := parseCode(s); !ok && s != "" {
				return errCode
			}
			return nil
		},
		write: func(r *Record, out *flatfile.Builder) {
			if n, ok := parseCode(string(*field(r))); ok {
				out.Integer(n)
			} else {
				out.Null() // it is empty: anything else has been refused
			}
		},
	}
}

// parseCode returns the number that a code is, if it comes back from the file as it
// is.
func parseCode(s string) (int64, bool) {
	if len(s) == 1 && s[0] >= '0' && s[0] <= '9' {
		return int64(s[0] - '0'), true
	}
	n, err := strconv.ParseInt(s, 10, 32)
	return n, err == nil && strconv.FormatInt(n, 10) == s
}

// boolean is a column of booleans that may say nothing.
func boolean(name string, field func(*Record) **bool) column {
	return column{
		Column: flatfile.Column{Name: name, Type: format.Boolean},
		read: func(r *Record, c cell) (err error) {
			*field(r), err = c.boolean()
			return err
		},
		write: func(r *Record, out *flatfile.Builder) {
			if b := *field(r); b == nil {
				out.Null()
			} else {
				out.Boolean(*b)
			}
		},
	}
}
