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
		Code      string   `json:"code,omitempty"`
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
		Is        string       `json:"is"`
		Date      string       `json:"date,omitempty"`
		Number    *float64     `json:"number,omitempty"`
		Table     string       `json:"table,omitempty"`
		Column    string       `json:"column,omitempty"`
		Rows      *wireRows    `json:"rows,omitempty"`
		Born      *wireValue   `json:"born,omitempty"`
		On        *wireValue   `json:"on,omitempty"`
		Of        *wireValue   `json:"of,omitempty"`
		Months    int          `json:"months,omitempty"`
		Days      int          `json:"days,omitempty"`
		Param     string       `json:"param,omitempty"`
		From      *wireValue   `json:"from,omitempty"`
		To        *wireValue   `json:"to,omitempty"`
		Year      string       `json:"year,omitempty"`
		Text      string       `json:"text,omitempty"`
		Values    []*wireValue `json:"values,omitempty"`
		Cases     []wireCase   `json:"cases,omitempty"`
		Otherwise *wireValue   `json:"otherwise,omitempty"`
	}
	wireCase struct {
		When wireNode   `json:"when"`
		Then *wireValue `json:"then"`
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
		Release string   `json:"release,omitempty"`
		Hash    string   `json:"hash"`
		Codes   []string `json:"codes"`
	}
)

func (p *Plan) document(e encoder) wirePlan {
	doc := wirePlan{Schema: schemaVersion, ID: e.prose(p.id), Version: e.prose(p.version), Tables: p.tables()}
	for _, step := range p.steps {
		kind := "include"
		if step.exclude {
			kind = "exclude"
		}
		doc.Steps = append(doc.Steps, wireStep{kind, e.prose(step.label), e.prose(step.code), e.node(step.criterion), step.policy.String()})
	}
	if !e.meaning {
		for _, list := range p.Uses().CodeLists {
			doc.CodeLists = append(doc.CodeLists, wireList{
				list.ID(), list.Version(), string(list.System()), list.Source(), list.Release(), list.Hash(),
				slices.Collect(list.Codes()),
			})
		}
	}
	return doc
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
