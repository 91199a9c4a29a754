// Package runtime is what the generated clients need at run time: putting
// parameters into paths, queries and headers. It takes the place of the code
// generator's own runtime module, which would add some seventy modules to the
// module graph of everyone who imports this one.
package runtime

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
)

// ParamLocation says where a parameter goes, which decides how it is escaped.
type ParamLocation int

// The locations that our documents use.
const (
	ParamLocationUndefined ParamLocation = iota
	ParamLocationQuery
	ParamLocationPath
	ParamLocationHeader
)

// StyleParamOptions are what the generated code says about a parameter.
type StyleParamOptions struct {
	ParamLocation ParamLocation
	Type          string
	Format        string
	Required      bool
	AllowReserved bool
}

// StyleParamWithOptions renders a parameter in the OpenAPI styles "simple" (path
// and header) and "form" (query), of a string, boolean, integer, number, or list
// of these.
func StyleParamWithOptions(style string, explode bool, name string, value any, opts StyleParamOptions) (string, error) {
	v := reflect.Indirect(reflect.ValueOf(value))
	var items []string
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			items = append(items, escape(v.Index(i), opts))
		}
	} else {
		items = []string{escape(v, opts)}
	}
	switch style {
	case "simple":
		return strings.Join(items, ","), nil
	case "form":
		key := url.QueryEscape(name) + "="
		if explode {
			return key + strings.Join(items, "&"+key), nil
		}
		return key + strings.Join(items, ","), nil
	default:
		return "", fmt.Errorf("parameter %s: style %s is not supported", name, style)
	}
}

func escape(v reflect.Value, opts StyleParamOptions) string {
	text := fmt.Sprint(v.Interface())
	switch opts.ParamLocation {
	case ParamLocationPath:
		return url.PathEscape(text)
	case ParamLocationQuery:
		return url.QueryEscape(text)
	case ParamLocationHeader, ParamLocationUndefined:
	}
	return text
}
