package sqlengine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/internal/tree"
)

// namer makes names of letters, digits and underscores that need no quotes, each once.
type namer map[string]bool

// reserve keeps names out of use. Engines do not tell upper case from lower.
func (n namer) reserve(names ...string) {
	for _, name := range names {
		n[strings.ToLower(name)] = true
	}
}

// of makes a name that reads like the one that is wanted.
func (n namer) of(want string) string {
	plain := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(want)), "_")
	if plain == "" || plain[0] <= '9' {
		plain = "x" + plain
	}
	plain = plain[:min(len(plain), 40)]
	name := plain
	for i := 2; n[name]; i++ {
		name = plain + "_" + strconv.Itoa(i)
	}
	n[name] = true
	return name
}

// sourceOf says where a table is.
func (c *compiler) sourceOf(t *tree.Table) Source {
	s := c.tables[t.Name]
	if len(s.Name) == 0 {
		s.Name = strings.Split(t.Name, ".")
	}
	if s.Key == "" {
		if len(t.PersonKeys) == 0 {
			c.fail("table %q has no published column that says whose row it is: name one in Source.Key", t.Name)
			return s
		}
		s.Key = t.PersonKeys[0]
	}
	return s
}

// checkColumns finds columns that a table is said to have and is not published with.
func (c *compiler) checkColumns(t *tree.Table) {
	s := c.tables[t.Name]
	for _, name := range slices.Concat(slices.Sorted(maps.Keys(s.Columns)), s.Absent) {
		switch {
		case slices.Contains(t.PersonKeys, name):
			c.fail("%q says whose row it is: give its name in Source.Key", name)
		case !slices.Contains(t.Published, name):
			c.fail("there is no published column %q, which Source.Columns or Source.Absent names", name)
		}
	}
}

// path quotes the parts of the name of a table.
func (c *compiler) path(parts []string) string {
	quoted := make([]string, len(parts))
	for i, part := range parts {
		quoted[i] = c.quote(part)
	}
	return strings.Join(quoted, ".")
}

// bind makes a parameter of a text. No text of a plan gets into the query in another way.
func (c *compiler) bind(text string) string {
	return c.asText(c.parameter(text))
}

func (c *compiler) bindAll(texts []string) []string {
	bound := make([]string, len(texts))
	for i, text := range texts {
		bound[i] = c.bind(text)
	}
	return bound
}

// parameter stands for a text in the query until the query is written: see statement. The texts of a plan are
// printable.
func (c *compiler) parameter(text string) string {
	at := slices.Index(c.args, text)
	if at < 0 {
		at = len(c.args)
		c.args = append(c.args, text)
	}
	return fmt.Sprintf("\x00%d\x00", at)
}

// listOf makes a common table of many codes or texts, none of which has a line break, and returns its name.
func (c *compiler) listOf(many []string) string {
	query := c.list(c.parameter(strings.Join(many, "\n")))
	return c.once(&c.lists, "list", query)
}

// codesOf makes a common table of the codes in several lists that says of each code which it is in, and returns its
// name.
func (c *compiler) codesOf(lists []string) string {
	flags, all := []string{"code"}, make([]string, len(lists))
	for i, list := range lists {
		flags = append(flags, fmt.Sprintf("bool_or(list = %d) AS %s", i+1, list))
		all[i] = fmt.Sprintf("SELECT code, %d AS list FROM %s", i+1, list)
	}
	query := "SELECT " + strings.Join(flags, ", ") + "\n  FROM (" + strings.Join(all, " UNION ALL ") + ") AS lists\n  GROUP BY code"
	return c.once(&c.codes, "codes", query)
}

// once adds a common table, unless it is there.
func (c *compiler) once(tables *[]common, kind, query string) string {
	for _, t := range *tables {
		if t.query == query {
			return t.name
		}
	}
	name := c.names.of(fmt.Sprintf("%s_%d", kind, len(*tables)+1))
	*tables = append(*tables, common{name: name, query: query})
	return name
}
