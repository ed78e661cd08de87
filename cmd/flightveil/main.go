// Command flightveil tells what drone photos and logs give away and makes
// clean copies of them. It never opens a network connection.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"flightveil/internal/sandbox"

	"github.com/spf13/cobra"
)

func main() {
	sandbox.NoCore() // best effort: where it fails, the sandbox still stands
	tuneMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(confined(ctx, sandbox.Enter), os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	waitForEnter(os.Args[1:], os.Stdin, os.Stderr)
	os.Exit(code)
}

// streams are the only way in and out of a command beside files.
type streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// run is the whole program. It returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	var c confinement
	root := newGuardedCommand(s, &c)
	defer c.leave()
	root.SetArgs(expandWildcards(bareInspect(root, args)))
	err := root.ExecuteContext(ctx)
	if err != nil && !isQuiet(err) {
		fmt.Fprintf(s.Err, "flightveil: error: %v\n", err)
		for _, h := range hints(err) {
			fmt.Fprintf(s.Err, "flightveil: hint: %s\n", h)
		}
	}
	return exitCode(err)
}

// newGuardedCommand is the whole tree of commands, all of which run in c.
func newGuardedCommand(s streams, c *confinement) *cobra.Command {
	root := newRootCommand(s)
	root.AddCommand(newDoctorCommand(s, c))
	c.guard(root)
	return root
}

func newRootCommand(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "flightveil",
		Short: "See and remove what drone photos give away",
		Long: `Your drone, your data, your control.

flightveil says what photos and their sidecars give away (inspect), and writes
clean copies without touching a pixel (scrub). It works offline, never changes
an original, and reads every copy again before it gets its name.

Only paths and no command: inspect them.` + exitCodes,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usage(cobra.NoArgs), // with RunE, makes an unknown command a usage error
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(newInspectCommand(s), newConvertCommand(s), newCompareCommand(s), newScrubCommand(s), newVerifyCommand(s), newProfileCommand(s), newKeychainCommand(s), newKeygenCommand(s), newEncryptCommand(s), newDecryptCommand(s), newVaultCommand(s), newManCommand(s), newVersionCommand(s))
	root.AddCommand(newKeyCommand(s), newZoneCommand(s), newFuzzCommand(s), newAttackCommand(s))
	root.AddCommand(newShareCommand(s))
	return root
}

// bareInspect makes "flightveil PATH..." mean "flightveil inspect PATH...": a
// folder dropped on the program. A first argument that is no command but names
// something that exists is a path.
func bareInspect(root *cobra.Command, args []string) []string {
	if len(args) == 0 || args[0] == "" || args[0][0] == '-' && args[0] != "-" {
		return args
	}
	for _, c := range append(root.Commands(), &cobra.Command{Use: "help"}, &cobra.Command{Use: "completion"}, &cobra.Command{Use: cobra.ShellCompRequestCmd}, &cobra.Command{Use: cobra.ShellCompNoDescRequestCmd}) {
		if c.Name() == args[0] || c.HasAlias(args[0]) {
			return args
		}
	}
	if _, err := os.Lstat(args[0]); err != nil {
		return args
	}
	return append([]string{"inspect", "--suggest"}, args...)
}
