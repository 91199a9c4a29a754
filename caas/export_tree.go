package caas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
)

// The JSON form of a plan, as [cohort.Plan.JSON] writes it. What has a field that is not
// known here is of no kind that is, so that nothing of a meaning is passed over.
type (
	treeStep struct {
		Kind      string   `json:"kind"`
		Label     string   `json:"label"`
		Criterion treeNode `json:"criterion"`
		IfUnknown string   `json:"ifUnknown"`
	}
	treeNode struct {
		Op      string     `json:"op"`
		N       int        `json:"n"`
		ID      string     `json:"id"`
		Version string     `json:"version"`
		Of      []treeNode `json:"of"`
		Value   *treeValue `json:"value"`
		To      *treeValue `json:"to"`
		Low     *treeValue `json:"low"`
		High    *treeValue `json:"high"`
		List    string     `json:"list"`
		Texts   []string   `json:"texts"`
		Param   string     `json:"param"`
		Rows    *treeRows  `json:"rows"`
	}
	treeValue struct {
		Is     string     `json:"is"`
		Date   string     `json:"date"`
		Number *float64   `json:"number"`
		Table  string     `json:"table"`
		Column string     `json:"column"`
		Rows   *treeRows  `json:"rows"`
		Born   *treeValue `json:"born"`
		On     *treeValue `json:"on"`
		Of     *treeValue `json:"of"`
		From   *treeValue `json:"from"`
		To     *treeValue `json:"to"`
		Months int        `json:"months"`
		Days   int        `json:"days"`
		Year   string     `json:"year"`
		Param  string     `json:"param"`

		Values []*treeValue `json:"values"`
	}
	treeRows struct {
		Table string     `json:"table"`
		Where []treeNode `json:"where"`
	}
)

// steps reads the steps of a plan.
func steps(plan *cohort.Plan) ([]treeStep, error) {
	var document struct {
		Schema int             `json:"schema"`
		Steps  json.RawMessage `json:"steps"`
	}
	if err := json.Unmarshal(plan.JSON(), &document); err != nil {
		return nil, err
	}
	if document.Schema != 1 {
		return nil, fmt.Errorf("schema %d of the language is not known here", document.Schema)
	}
	var out []treeStep
	return out, strictly(document.Steps, &out)
}

func strictly(document []byte, into any) error {
	reader := json.NewDecoder(bytes.NewReader(document))
	reader.DisallowUnknownFields()
	return reader.Decode(into)
}

// beyond is the kind of what has more to it than is known here.
const beyond = "a question beyond the published form"

// UnmarshalJSON implements [json.Unmarshaler].
func (n *treeNode) UnmarshalJSON(document []byte) error {
	type plain treeNode
	if strictly(document, (*plain)(n)) != nil {
		*n = treeNode{Op: beyond}
	}
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler].
func (v *treeValue) UnmarshalJSON(document []byte) error {
	type plain treeValue
	if strictly(document, (*plain)(v)) != nil {
		*v = treeValue{Is: beyond}
	}
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler].
func (r *treeRows) UnmarshalJSON(document []byte) error {
	type plain treeRows
	if strictly(document, (*plain)(r)) != nil {
		*r = treeRows{Table: beyond}
	}
	return nil
}

// same compares by content.
func same[T any](a, b T) bool { return reflect.DeepEqual(a, b) }

// walk visits every value of a tree.
func (n *treeNode) walk(visit func(*treeValue)) {
	for i := range n.Of {
		n.Of[i].walk(visit)
	}
	for _, v := range []*treeValue{n.Value, n.To, n.Low, n.High} {
		v.walk(visit)
	}
	n.Rows.walk(visit)
}

func (v *treeValue) walk(visit func(*treeValue)) {
	if v == nil {
		return
	}
	visit(v)
	for _, part := range slices.Concat([]*treeValue{v.Born, v.On, v.Of, v.From, v.To}, v.Values) {
		part.walk(visit)
	}
	v.Rows.walk(visit)
}

func (r *treeRows) walk(visit func(*treeValue)) {
	if r == nil {
		return
	}
	for i := range r.Where {
		r.Where[i].walk(visit)
	}
}

// asks reports whether the rows are narrowed to a code list.
func (r *treeRows) asks(list *codelist.List) bool {
	var asked func(n treeNode) bool
	asked = func(n treeNode) bool {
		return n.Op == "inCodes" && n.List == list.ID()+" "+list.Version() || slices.ContainsFunc(n.Of, asked)
	}
	return slices.ContainsFunc(r.Where, asked)
}

// day returns a day that is the same for everybody, and the parameter that brought it.
func (v *treeValue) day() (day cohort.Date, param string, ok bool) {
	if v == nil || v.Is != "date" {
		return cohort.Date{}, "", false
	}
	day, err := cohort.ParseDate(v.Date)
	return day, v.Param, err == nil
}

// column reports whether the value is a column of a table.
func (v *treeValue) column(table, name string) bool {
	return v != nil && v.Is == "column" && v.Table == table && v.Column == name
}
