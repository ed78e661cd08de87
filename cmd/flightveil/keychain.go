package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"flightveil/cmd/internal/ui"
	"flightveil/internal/input"
	"flightveil/internal/pipeline"
	"flightveil/logfmt/djitxt"

	"github.com/spf13/cobra"
)

func newKeychainCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keychain",
		Short: "Ask the vendor for the key to an encrypted flight log",
		Long: `DJI's apps encrypt flight logs since 2020 (version 13 and later). The key of one
flight comes from DJI, against a free developer account. flightveil writes the
request and reads the answer; it never sends anything.` + exitCodes,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeychainRequestCommand(s))
	return cmd
}

func newKeychainRequestCommand(s streams) *cobra.Command {
	output, force := "", false
	cmd := &cobra.Command{
		Use:   "request LOG... -o FILE",
		Short: "Write what the vendor wants to know, and say how to send it",
		Long: `Write the request for the keychain of one flight log, or of several of the same
app, and print the command that sends it. Sending it is up to you: it tells DJI
which flight is decoded and by which developer account.` + exitCodes,
		Example: `  flightveil keychain request DJIFlightRecord.txt -o request.json
  flightveil convert --keychain answer.json DJIFlightRecord.txt -o flight.gpx`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runKeychainRequest(cmd.Context(), output, force, args, s)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "write the request to `FILE`, or - for standard output")
	cmd.Flags().BoolVar(&force, "force", false, "replace FILE if it exists")
	return cmd
}

func runKeychainRequest(ctx context.Context, output string, force bool, args []string, s streams) error {
	if output == "" {
		return usageError{withHint(errors.New("no output given"), "name a file: -o request.json")}
	}
	sources, closer, err := gather(args, s)
	if err != nil {
		return err
	}
	defer closer.Close()
	if err := missing(sources); err != nil {
		return err
	}
	var logs []input.Input
	for i := range sources {
		in, file, err := sources[i].Open()
		if err != nil {
			return err
		}
		defer file.Close()
		if _, err := djitxt.Request(ctx, in); err != nil { // name the log that is wrong
			return fmt.Errorf("%s: %w", ui.Printable(sources[i].Rel), err)
		}
		logs = append(logs, in)
	}
	b, err := djitxt.Request(ctx, logs...)
	if err != nil {
		return err
	}
	if output == "-" {
		if _, err = s.Out.Write(b); err == nil {
			howToSend(s.Err, "request.json")
		}
		return err
	}
	if err := writeNew(output, b, force); err != nil {
		return err
	}
	howToSend(s.Out, output)
	return nil
}

// writeNew writes b to a file that only its owner may read.
func writeNew(path string, b []byte, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return withHint(fmt.Errorf("%s exists already", ui.Printable(path)), "--force replaces it")
	}
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

func howToSend(w io.Writer, path string) {
	answer := filepath.Join(filepath.Dir(path), "answer.json")
	fmt.Fprintf(w, `Nothing was sent. The request goes to DJI: it needs the key of an "Open API" app
of your developer account (developer.dji.com) as API_KEY, and it tells DJI which
flight is decoded. In a shell:

  curl --fail -X POST %[1]s -H "Content-Type: application/json" -H "Api-Key: $API_KEY" --data-binary %[2]s -o %[3]s

In PowerShell:

  Invoke-WebRequest -Method Post -Uri %[1]s -ContentType "application/json" -Headers @{"Api-Key" = $env:API_KEY} -InFile %[4]s -OutFile %[5]s

Then: flightveil convert --keychain %[3]s LOG -o flight.gpx
`, djitxt.KeychainURL, shellQuoted([]string{"@" + path}), shellQuoted([]string{answer}), powerShellQuoted(path), powerShellQuoted(answer))
}

// adviseOnKeys says, once per run, what to do about logs without a key.
func adviseOnKeys(w io.Writer, keyless []pipeline.Source, twins []pipeline.Twin, answers bool) {
	what := "1 log is"
	if n := len(keyless); n > 1 {
		what = fmt.Sprintf("%d logs are", n)
	}
	fmt.Fprintf(w, `flightveil: %s encrypted by DJI, which can read all of it; without its key you can
  read the duration, serial numbers and names, and where the aircraft took off:
    flightveil inspect --show-values %s
`, what, shellQuoted([]string{keyless[0].Label}))
	if len(twins) > 0 {
		fmt.Fprintln(w, "  These may hold the same flight, and need no key:")
		for _, t := range twins {
			fmt.Fprintf(w, "    %s (%s), for %s\n", ui.Printable(t.Label), t.Format, ui.Printable(t.Of))
		}
	} else {
		fmt.Fprintln(w, "  No other log of the same flight lies nearby: the video's SRT file or djmd track,\n  or a CSV from Airdata or PhantomHelp, would do, too.")
	}
	if answers {
		fmt.Fprintln(w, "  The keychain files given do not open all of them.")
	}
	fmt.Fprintf(w, `  To ask DJI for the key, write a request, which also says how to send it:
    flightveil keychain request %s -o request.json
  then convert with --keychain and the answer.
`, shellQuoted([]string{keyless[0].Label}))
}

func powerShellQuoted(s string) string {
	return "'" + strings.ReplaceAll(ui.Printable(s), "'", "''") + "'"
}

// keychainFlag gives the answers of the vendor to the commands that read logs.
type keychainFlag struct{ Paths []string }

func (o *keychainFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&o.Paths, "keychain", nil, "the vendor's answer for encrypted logs: a `FILE`, or a folder of .json files; repeatable")
}

// maxKeychain bounds an answer; a real one has a few kilobytes.
const maxKeychain = 4 << 20

// load reads the answers. Which one fits which log is found by trying.
func (o *keychainFlag) load() ([][]byte, error) {
	var out [][]byte
	for _, path := range o.Paths {
		files := []string{path}
		if fi, err := os.Stat(path); err == nil && fi.IsDir() {
			entries, err := os.ReadDir(path)
			if err != nil {
				return nil, fmt.Errorf("--keychain: %w", err)
			}
			files = nil
			for _, e := range entries {
				if !e.IsDir() && strings.EqualFold(filepath.Ext(e.Name()), ".json") {
					files = append(files, filepath.Join(path, e.Name()))
				}
			}
		}
		for _, name := range files {
			b, err := readKeychain(name)
			if err == nil {
				err = djitxt.CheckKeychain(b)
			}
			if err != nil && name != path {
				continue // a folder may hold requests and other things
			}
			if err != nil {
				return nil, usageError{withHint(fmt.Errorf("--keychain %s: %w", ui.Printable(path), err), "give the file that the vendor answered with, as it is: see flightveil keychain request")}
			}
			out = append(out, b)
		}
	}
	if len(o.Paths) > 0 && len(out) == 0 {
		return nil, usageError{errors.New("--keychain: no answer of the vendor in that folder")}
	}
	return out, nil
}

func readKeychain(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxKeychain+1))
	if err == nil && len(b) > maxKeychain {
		err = fmt.Errorf("too long for an answer: %w", input.ErrLimit)
	}
	return b, err
}
