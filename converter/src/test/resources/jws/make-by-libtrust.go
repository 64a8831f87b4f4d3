// Signs payloads of several indentations with one and with several keys by libtrust, or checks manifests with it.
// usage: go run make-by-libtrust.go sign OUT_DIR KEY...     |     go run make-by-libtrust.go verify FILE...
// libtrust: Debian golang-github-docker-libtrust-dev, GO111MODULE=off GOPATH=/usr/share/gocode
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/docker/libtrust"
)

var payloads = map[string]string{
	"three-spaces":         "{\n   \"name\": \"gr\u00fc\u00dfe/\u65e5\u672c\",\n   \"tag\": \"v1\"\n}",
	"four-spaces":          "{\n    \"name\": \"a\",\n    \"tag\": \"v1\"\n}",
	"tab":                  "{\n\t\"name\": \"a\"\n}",
	"compact":              "{\"name\":\"a\",\"tag\":\"v1\"}",
	"space-at-end":         "{\n   \"name\": \"a\"  \n \t}\n",
	"break-without-indent": "{\n\"name\": \"a\"\n}",
	"inner-space":          "{ \"name\": {\"b\": [1, 2]} }",
}

func main() {
	var err error
	if os.Args[1] == "sign" {
		err = sign(os.Args[2], os.Args[3:])
	} else {
		err = verify(os.Args[2:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func sign(out string, keyFiles []string) error {
	var keys []libtrust.PrivateKey
	for _, file := range keyFiles {
		key, err := libtrust.LoadKeyFile(file)
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	for name, payload := range payloads {
		for _, count := range []int{1, len(keys)} {
			js, err := libtrust.NewJSONSignature([]byte(payload))
			if err != nil {
				return err
			}
			for _, key := range keys[:count] {
				if err := js.Sign(key); err != nil {
					return err
				}
			}
			pretty, err := js.PrettySignature("signatures")
			if err != nil {
				return err
			}
			file := filepath.Join(out, fmt.Sprintf("%s-by-%d-keys.json", name, count))
			if err := os.WriteFile(file, pretty, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

func verify(files []string) error {
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		js, err := libtrust.ParsePrettySignature(content, "signatures")
		if err != nil {
			return fmt.Errorf("%s: %v", file, err)
		}
		keys, err := js.Verify()
		if err != nil {
			return fmt.Errorf("%s: %v", file, err)
		}
		fmt.Println(file, len(keys), "valid")
	}
	return nil
}
