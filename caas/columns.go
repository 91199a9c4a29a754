package caas

import (
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"github.com/personalised-prevention/nhs"
)

// column ties a column of the file to a field of [Record], in both directions.
type column struct {
	name  string
	node  parquet.Node // the type to write
	read  func(*Record, cell) error
	write func(*Record) (parquet.Value, error) // a null value for an empty field
}

// The columns without which a file is not a cohort file.
const (
	columnType   = "record_type"
	columnNumber = "nhs_number"
)

// columns returns the 38 columns of a cohort file in their order.
func columns() []column {
	return []column{
		text(columnType, func(r *Record) *RecordType { return &r.Type }),
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
		code("gender", parquet.Int64Type, func(r *Record) *Gender { return &r.Gender }),
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
		code("death_status", parquet.Int32Type, func(r *Record) *DeathStatus { return &r.DeathStatus }),
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

// text is a column of text.
func text[T ~string](name string, field func(*Record) *T) column {
	return column{
		name: name, node: parquet.String(),
		read: func(r *Record, c cell) error {
			s, err := c.text()
			*field(r) = T(s)
			return err
		},
		write: func(r *Record) (parquet.Value, error) {
			s := string(*field(r))
			switch {
			case s == "":
				return parquet.NullValue(), nil
			case len(s) > maxText:
				return parquet.Value{}, errTooLong
			default:
				return parquet.ByteArrayValue([]byte(s)), nil
			}
		},
	}
}

// date is a column of dates as text, whole or partial.
func date(name string, field func(*Record) *nhs.Date) column {
	return column{
		name: name, node: parquet.String(),
		read: func(r *Record, c cell) (err error) {
			*field(r), err = c.date()
			return err
		},
		write: func(r *Record) (parquet.Value, error) {
			d := *field(r)
			if d.IsZero() {
				return parquet.NullValue(), nil
			}
			return parquet.ByteArrayValue([]byte(d.Compact())), nil
		},
	}
}

// integer is a column of integers in which zero says nothing.
func integer(name string, field func(*Record) *int64) column {
	return column{
		name: name, node: parquet.Leaf(parquet.Int64Type),
		read: func(r *Record, c cell) error {
			n, _, err := c.integer()
			*field(r) = n
			return err
		},
		write: func(r *Record) (parquet.Value, error) {
			n := *field(r)
			if n == 0 {
				return parquet.NullValue(), nil
			}
			return parquet.Int64Value(n), nil
		},
	}
}

// number is a column of NHS numbers, as integers without leading zeros. Zero is
// no number.
func number(name string, field func(*Record) *nhs.Number) column {
	return column{
		name: name, node: parquet.Leaf(parquet.Int64Type),
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
		write: func(r *Record) (parquet.Value, error) {
			n := *field(r)
			if n.IsZero() && name != columnNumber {
				return parquet.NullValue(), nil
			}
			return parquet.Int64Value(n.Int()), nil
		},
	}
}

// code is a column of integers that stand for something, 0 included.
func code[T ~string](name string, of parquet.Type, field func(*Record) *T) column {
	return column{
		name: name, node: parquet.Leaf(of),
		read: func(r *Record, c cell) error {
			n, present, err := c.integer()
			if err == nil && present {
				*field(r) = T(strconv.FormatInt(n, 10))
			}
			return err
		},
		write: func(r *Record) (parquet.Value, error) {
			s := string(*field(r))
			if s == "" {
				return parquet.NullValue(), nil
			}
			n, err := strconv.ParseInt(s, 10, 32)
			if err != nil || strconv.FormatInt(n, 10) != s {
				return parquet.Value{}, errCode
			}
			if of.Kind() == parquet.Int32 {
				return parquet.Int32Value(int32(n)), nil
			}
			return parquet.Int64Value(n), nil
		},
	}
}

// boolean is a column of booleans that may say nothing.
func boolean(name string, field func(*Record) **bool) column {
	return column{
		name: name, node: parquet.Leaf(parquet.BooleanType),
		read: func(r *Record, c cell) (err error) {
			*field(r), err = c.boolean()
			return err
		},
		write: func(r *Record) (parquet.Value, error) {
			b := *field(r)
			if b == nil {
				return parquet.NullValue(), nil
			}
			return parquet.BooleanValue(*b), nil
		},
	}
}

// extra reads a column beyond the 38.
func extra(name string) func(*Record, cell) error {
	return func(r *Record, c cell) error {
		v, err := c.any()
		if err != nil {
			return err
		}
		if r.Extra == nil {
			r.Extra = map[string]any{}
		}
		r.Extra[name] = v
		return nil
	}
}

// schema returns the schema that files are written with: every column optional
// and plainly encoded, in order.
func schema(columns []column) *parquet.Schema {
	group, position := parquet.Group{}, map[string]int{}
	for i, c := range columns {
		group[c.name] = parquet.Optional(parquet.Encoded(c.node, &parquet.Plain))
		position[c.name] = i
	}
	fields := group.Fields()
	slices.SortFunc(fields, func(a, b parquet.Field) int { return position[a.Name()] - position[b.Name()] })
	return parquet.NewSchema("cohort", ordered{group, fields})
}

// ordered is a group whose fields keep their order; the library sorts by name.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

// Fields implements [parquet.Node].
func (o ordered) Fields() []parquet.Field { return o.fields }
