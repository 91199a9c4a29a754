package cohort

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// schemaVersion is the version of the JSON form.
const schemaVersion = 1

// JSON returns the canonical form of the plan: complete, with the codes of every list, and the same bytes
// for the same plan. [Decode] reads it back.
func (p *Plan) JSON() []byte { return marshal(p.document(encoder{})) }

// Hash returns the meaning hash, in hexadecimal: it changes when the plan could give another answer about
// some person, and not when only names, labels, notes or the order of the parts of All, Any and Where do.
// Code lists count by content. The order of steps counts, because attrition depends on it.
func (p *Plan) Hash() string { return hash(marshal(p.document(encoder{meaning: true}))) }

// DocumentHash returns the hash, in hexadecimal, of everything in [Plan.JSON].
func (p *Plan) DocumentHash() string { return hash(p.JSON()) }

// The wire types fix the order of keys. In the meaning form, names and notes are left empty.
type (
	wirePlan struct {
		Schema    int          `json:"schema"`
		ID        string       `json:"id,omitempty"`
		Version   string       `json:"version,omitempty"`
		Steps     []wireStep   `json:"steps"`
		CodeLists []wireList   `json:"codeLists,omitempty"`
		Tables    []tableFacts `json:"tables"`
	}
	wireStep struct {
		Kind      string   `json:"kind"`
		Label     string   `json:"label,omitempty"`
		Criterion wireNode `json:"criterion"`
		IfUnknown string   `json:"ifUnknown,omitempty"`
	}
	wireNode struct {
		Op      string     `json:"op"`
		N       int        `json:"n,omitempty"`
		ID      string     `json:"id,omitempty"`
		Version string     `json:"version,omitempty"`
		Of      []wireNode `json:"of,omitempty"`
		Value   *wireValue `json:"value,omitempty"`
		To      *wireValue `json:"to,omitempty"`
		Low     *wireValue `json:"low,omitempty"`
		High    *wireValue `json:"high,omitempty"`
		List    string     `json:"list,omitempty"`
		Texts   []string   `json:"texts,omitempty"`
		Param   string     `json:"param,omitempty"`
		Rows    *wireRows  `json:"rows,omitempty"`
	}
	wireValue struct {
		Is     string     `json:"is"`
		Date   string     `json:"date,omitempty"`
		Number *float64   `json:"number,omitempty"`
		Table  string     `json:"table,omitempty"`
		Column string     `json:"column,omitempty"`
		Rows   *wireRows  `json:"rows,omitempty"`
		Born   *wireValue `json:"born,omitempty"`
		On     *wireValue `json:"on,omitempty"`
		Of     *wireValue `json:"of,omitempty"`
		Months int        `json:"months,omitempty"`
		Days   int        `json:"days,omitempty"`
		Param  string     `json:"param,omitempty"`
	}
	wireRows struct {
		Table string     `json:"table"`
		Where []wireNode `json:"where,omitempty"`
	}
	wireList struct {
		ID      string   `json:"id"`
		Version string   `json:"version"`
		System  string   `json:"system"`
		Source  string   `json:"source"`
		Hash    string   `json:"hash"`
		Codes   []string `json:"codes"`
	}
)

// encoder turns a tree into its wire form: the document, or the bare meaning.
type encoder struct{ meaning bool }

func (p *Plan) document(e encoder) wirePlan {
	doc := wirePlan{Schema: schemaVersion, ID: e.prose(p.id), Version: e.prose(p.version), Tables: p.tables()}
	for _, step := range p.steps {
		kind := "include"
		if step.exclude {
			kind = "exclude"
		}
		doc.Steps = append(doc.Steps, wireStep{kind, e.prose(step.label), e.node(step.criterion), step.policy.String()})
	}
	if !e.meaning {
		for _, list := range p.Uses().CodeLists {
			doc.CodeLists = append(doc.CodeLists, wireList{
				list.ID(), list.Version(), string(list.System()), list.Source(), list.Hash(), slices.Collect(list.Codes()),
			})
		}
	}
	return doc
}

// encodeNode returns the meaning of a criterion, bound or not.
func encodeNode(n node) []byte { return marshal(encoder{meaning: true}.node(n)) }

func (e encoder) node(n node) wireNode {
	switch n := n.(type) {
	case allNode:
		return wireNode{Op: "all", Of: e.unordered(n.of)}
	case anyNode:
		return wireNode{Op: "any", Of: e.unordered(n.of)}
	case atLeastNode:
		return wireNode{Op: "atLeast", N: n.n, Of: e.unordered(n.of)}
	case notNode:
		return wireNode{Op: "not", Of: []wireNode{e.node(n.of)}}
	case namedNode:
		if e.meaning {
			return e.node(n.of)
		}
		return wireNode{Op: "named", ID: n.id, Version: n.version, Of: []wireNode{e.node(n.of)}}
	case compareNode:
		return wireNode{Op: string(n.op), Value: e.value(n.left), To: e.value(n.right)}
	case betweenNode:
		return wireNode{Op: "between", Value: e.value(n.value), Low: e.value(n.low), High: e.value(n.high)}
	case inCodesNode:
		return wireNode{Op: "inCodes", Value: e.value(n.value), List: e.list(n), Param: e.param(n.param, n.list != nil)}
	case inTextsNode:
		return wireNode{Op: "inTexts", Value: e.value(n.value), Texts: n.texts, Param: e.param(n.param, len(n.texts) > 0)}
	case knownNode:
		return wireNode{Op: "known", Value: e.value(n.value)}
	case existsNode:
		return wireNode{Op: "exists", Rows: e.rows(n.rows)}
	default:
		panic(fmt.Sprintf("cohort: node %T", n))
	}
}

// unordered encodes parts whose order means nothing.
func (e encoder) unordered(parts []node) []wireNode {
	out := make([]wireNode, len(parts))
	for i, part := range parts {
		out[i] = e.node(part)
	}
	if e.meaning {
		slices.SortFunc(out, func(a, b wireNode) int { return bytes.Compare(marshal(a), marshal(b)) })
	}
	return out
}

func (e encoder) value(v value) *wireValue {
	switch v := v.(type) {
	case constant:
		w := &wireValue{Is: v.datum.kind.String(), Param: e.param(v.param, v.datum.known())}
		if v.datum.kind == NumberKind {
			w.Number = &v.datum.number
		} else if v.datum.known() {
			w.Date = v.datum.date.String()
		}
		return w
	case columnValue:
		return &wireValue{Is: "column", Table: v.table.Name(), Column: v.info().Name}
	case pickValue:
		which := "earliest"
		if v.latest {
			which = "latest"
		}
		return &wireValue{Is: which, Rows: e.rows(v.rows), Column: v.rows.table.info.Columns[v.column].Name}
	case countValue:
		return &wireValue{Is: "count", Rows: e.rows(v.rows)}
	case ageValue:
		is := "age"
		if v.unit == inMonths {
			is = "ageInMonths"
		}
		return &wireValue{Is: is, Born: e.value(v.born), On: e.value(v.on)}
	case beforeValue:
		return &wireValue{Is: "before", Of: e.value(v.of), Months: v.by.months, Days: v.by.days}
	default:
		panic(fmt.Sprintf("cohort: value %T", v))
	}
}

func (e encoder) rows(r rows) *wireRows {
	return &wireRows{Table: r.table.Name(), Where: e.unordered(r.where)}
}

// list refers to a code list: by name in the document, by content in the meaning.
func (e encoder) list(n inCodesNode) string {
	switch {
	case n.list == nil:
		return ""
	case e.meaning:
		return n.list.Hash()
	default:
		return n.list.ID() + " " + n.list.Version()
	}
}

// prose drops a name from the meaning.
func (e encoder) prose(s string) string {
	if e.meaning {
		return ""
	}
	return s
}

// param drops the name of a parameter from the meaning once its value says it all.
func (e encoder) param(name string, bound bool) string {
	if e.meaning && bound {
		return ""
	}
	return name
}

// marshal writes one canonical line of JSON. The wire types hold nothing that can fail.
func marshal(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("cohort: encoding %T: %v", v, err))
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
