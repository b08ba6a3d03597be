// Executes templates with Go's text/template and sprig: one case per line of JSON in, one answer per line out.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

type request struct {
	Text  string            `json:"text"`
	Data  map[string][]byte `json:"data"`
	Left  string            `json:"left"`
	Right string            `json:"right"`
}

type answer struct {
	Output []byte `json:"output"`
	Error  string `json:"error"`
}

func execute(asked request) (answered answer) {
	data := map[string]string{}
	for key, value := range asked.Data {
		data[key] = string(value)
	}
	parsed, err := template.New("case").
		Delims(asked.Left, asked.Right).
		Funcs(sprig.TxtFuncMap()).
		Option("missingkey=error").
		Parse(asked.Text)
	if err != nil {
		return answer{Error: err.Error()}
	}
	var output bytes.Buffer
	if err := parsed.Execute(&output, data); err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Output: output.Bytes()}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := answers.Encode(execute(asked)); err != nil {
			panic(err)
		}
	}
}
