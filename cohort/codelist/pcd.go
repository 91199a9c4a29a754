package codelist

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// ReadPCD reads all the lists of a file of Primary Care Domain reference sets, such as
// GPData_Cluster_refset_1000230_20241205.csv in the Primary Care Domain release on TRUD. The lists come by
// their cluster id, in capitals, such as "AST_COD". Each has the given Info, with the cluster id
// in small letters added to its ID and the description to its Source:
//
//	lists, err := codelist.ReadPCD(file, codelist.Info{
//		ID: "nhsd-primary-care-domain-refsets", Version: "20241205", System: codelist.SNOMEDCT,
//		Source: "Primary Care Domain reference sets, from TRUD under its licence",
//	})
//	asthma := lists["AST_COD"] // nhsd-primary-care-domain-refsets/ast_cod
//
// The file has a row for each member, with at least the columns Cluster_ID, Cluster_Desc, Active_in_Refset
// and ConceptId. Members that were withdrawn are left out, see [WithWithdrawn]; a cluster all of whose
// members were is no list.
func ReadPCD(file io.Reader, info Info, options ...CSVOption) (map[string]*List, error) {
	clusters, err := readClusters(file, "", info, options)
	if err != nil {
		return nil, err
	}
	lists := make(map[string]*List, len(clusters))
	for id, c := range clusters {
		if len(c.entries) == 0 {
			continue // all were reported as invalid
		}
		of := info
		of.ID += "/" + strings.ToLower(id)
		if lists[id], err = c.list(of); err != nil {
			return nil, err
		}
	}
	return lists, nil
}

// ReadPCDCluster reads one list of a file of Primary Care Domain reference sets, see [ReadPCD]. Capitals in
// the cluster id do not matter. The list has the given Info, with the description added to its Source.
func ReadPCDCluster(file io.Reader, cluster string, info Info, options ...CSVOption) (*List, error) {
	if cluster == "" {
		return nil, fmt.Errorf("codelist %s: no cluster id: name one, such as AST_COD", info.ID)
	}
	clusters, err := readClusters(file, cluster, info, options)
	if err != nil {
		return nil, err
	}
	id := strings.ToUpper(cluster)
	if c := clusters[id]; c != nil {
		return c.list(info)
	}
	near := slices.DeleteFunc(slices.Sorted(maps.Keys(clusters)), func(other string) bool { return other[0] != id[0] })
	return nil, fmt.Errorf("codelist %s: none of the %d clusters in the file is %q; with the same first letter there are %v",
		info.ID, len(clusters), cluster, near)
}

// cluster is what the file says of one reference set.
type cluster struct {
	description string
	entries     []entry
}

func (c *cluster) list(info Info) (*List, error) {
	if c.description != "" {
		info.Source = strings.TrimSuffix(info.Source, ".") + ". " + c.description + "."
	}
	if err := info.check(); err != nil {
		return nil, err
	}
	return build(info, c.entries)
}

// readClusters reads all clusters or, when one is wanted, only the members of that one.
func readClusters(file io.Reader, wanted string, info Info, options []CSVOption) (map[string]*cluster, error) {
	if err := info.check(); err != nil {
		return nil, err
	}
	if info.System != SNOMEDCT {
		return nil, fmt.Errorf("codelist %s: Info.System: reference sets are of %s, not of %s", info.ID, SNOMEDCT, info.System)
	}
	clusters, err := newCSVReader(info.System, options).clusters(file, wanted)
	if err == nil && len(clusters) == 0 {
		err = errors.New("the file has no members of reference sets")
	}
	if err != nil {
		return nil, fmt.Errorf("codelist %s: %w", info.ID, err)
	}
	return clusters, nil
}

func (r *csvReader) clusters(file io.Reader, wanted string) (map[string]*cluster, error) {
	t, err := openTable(file)
	if err != nil {
		return nil, err
	}
	if len(r.columns) == 0 {
		r.columns = []string{"ConceptId"}
	}
	codes, err := r.codeColumns(t)
	if err != nil {
		return nil, err
	}
	var at [3]int
	for i, column := range []string{"Cluster_ID", "Cluster_Desc", "Active_in_Refset"} {
		if at[i], err = t.first(column); err != nil {
			return nil, err
		}
	}
	clusters := map[string]*cluster{}
	err = r.rows(t, func(row []string) error {
		id, description, active := strings.ToUpper(field(row, at[0])), field(row, at[1]), field(row, at[2])
		switch {
		case id == "":
			return fmt.Errorf("line %d: no Cluster_ID", t.last)
		case active != "0" && active != "1":
			return fmt.Errorf("line %d: Active_in_Refset is %s, neither 0 nor 1", t.last, quote(active))
		case active == "0" && !r.withdrawn:
			return nil
		}
		c := clusters[id]
		if c == nil {
			c = &cluster{description: printable(description)}
			clusters[strings.Clone(id)] = c
		}
		if wanted != "" && strings.ToUpper(wanted) != id {
			return nil
		}
		for _, column := range codes {
			if e, ok := r.code(t, row, column); ok {
				c.entries = append(c.entries, e)
			}
		}
		return nil
	})
	return clusters, err
}

// printable makes a note of a description, which is in Windows-1252.
func printable(description string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return '?'
	}, description)
}
