package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flightveil/internal/privacy"

	"github.com/spf13/cobra"
)

func newProfileCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profile",
		Short: "List, show and write privacy profiles",
		Long:  "A profile says what stays and what goes. Yours are TOML files in your configuration folder." + exitCodes,
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newProfileLsCommand(s), newProfileShowCommand(s), newProfileNewCommand(s))
	return cmd
}

func newProfileLsCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "ls",
		Short: "List the profiles",
		Args:  usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			for _, name := range profileNames() {
				p, err := privacy.LoadProfile(name, userProfiles())
				if err != nil {
					return err
				}
				fmt.Fprintf(s.Out, "%-12s %s\n", name, p.About)
			}
			return nil
		},
	}
}

func newProfileShowCommand(s streams) *cobra.Command {
	asTOML := false
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Explain a profile in sentences",
		Args:  usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := (&policyFlags{Profile: args[0]}).profile()
			if err != nil {
				return err
			}
			if asTOML {
				return p.Encode(s.Out)
			}
			explain(s.Out, p)
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return profileNames(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().BoolVar(&asTOML, "toml", false, "print the file instead")
	return cmd
}

func newProfileNewCommand(s streams) *cobra.Command {
	var o policyFlags
	force := false
	cmd := &cobra.Command{
		Use:     "new NAME --from PROFILE",
		Short:   "Write a profile of your own and explain it",
		Example: "  flightveil profile new forum --from public --keep camera",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := o.profile()
			if err != nil {
				return err
			}
			return runProfileNew(p, args[0], force, s)
		},
	}
	o.add(cmd, "from")
	cmd.Flags().BoolVar(&force, "force", false, "replace a profile that exists")
	return cmd
}

func runProfileNew(p privacy.Profile, name string, force bool, s streams) error {
	if !validProfileName(name) {
		return usageError{fmt.Errorf("%q is no name for a profile: use small letters, digits and -", name)}
	}
	if slices.Contains(privacy.EmbeddedProfiles(), name) {
		return usageError{withHint(fmt.Errorf("%s is a profile of flightveil itself", name), "choose another name")}
	}
	dir, err := userProfileDir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	p.About = "made from " + p.Name
	path := filepath.Join(dir, name+".toml")
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return withHint(fmt.Errorf("profile %s exists already", name), "--force replaces it")
	}
	if err != nil {
		return err
	}
	if err := errors.Join(p.Encode(f), f.Close()); err != nil {
		return err
	}
	fmt.Fprintf(s.Err, "flightveil: written to %s\n", path)
	p.Name = name
	explain(s.Out, p)
	return nil
}

func validProfileName(name string) bool {
	return name != "" && len(name) <= 40 && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-')
	})
}

// profileNames lists the embedded profiles and the user's own.
func profileNames() []string {
	names := privacy.EmbeddedProfiles()
	if dir, err := userProfileDir(); err == nil {
		entries, _ := os.ReadDir(dir) // no folder, no profiles
		for _, e := range entries {
			if name, ok := strings.CutSuffix(e.Name(), ".toml"); ok && !slices.Contains(names, name) && validProfileName(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// words for each class, as they stand in an explanation.
func classWords(c privacy.Class) string {
	return map[privacy.Class]string{
		privacy.Location: "positions", privacy.Operator: "the pilot's own positions", privacy.Place: "place names",
		privacy.Altitude: "heights", privacy.Attitude: "directions, angles and speeds", privacy.Identity: "serial numbers, names and ids",
		privacy.Copyright: "artist and copyright lines", privacy.Time: "times", privacy.Device: "make, model and software",
		privacy.Calibration: "lens and sensor calibration", privacy.Exposure: "exposure and focal length", privacy.Description: "titles, captions and keywords",
		privacy.Preview: "thumbnails", privacy.MakerNote: "maker notes", privacy.Provenance: "edit histories and content credentials",
		privacy.Unknown: "everything that is not understood",
	}[c]
}

// explain says in sentences what p does.
func explain(w io.Writer, p privacy.Profile) {
	fmt.Fprintf(w, "%s: %s.\n", p.Name, p.About)
	by := map[privacy.Action][]string{}
	for _, c := range privacy.Classes {
		if c == privacy.Technical {
			continue
		}
		a, ok := p.Rules[c]
		if !ok {
			a = privacy.Remove
		}
		by[a] = append(by[a], classWords(c))
	}
	say := func(a privacy.Action, sentence string) {
		if len(by[a]) > 0 {
			fmt.Fprintf(w, sentence+"\n", list(by[a]))
		}
	}
	say(privacy.Keep, "It keeps %s.")
	say(privacy.Coarsen, "It makes coarse: %s (positions to the middle of a cell "+p.Cell+" wide, times to the day). A cell may hold one house.")
	say(privacy.Remove, "It removes %s.")
	say(privacy.Refuse, "It refuses files that hold %s.")
	if p.Names == "new" {
		fmt.Fprintln(w, "File and folder names that carry a date, a place or a person are re-issued in capture order.")
	} else {
		fmt.Fprintln(w, "Names stay.")
	}
	if p.Times == "neutral" {
		fmt.Fprintln(w, "Copies get a neutral time stamp.")
	} else {
		fmt.Fprintln(w, "Copies get the time stamps of their originals.")
	}
	fmt.Fprintln(w, "Pixels, orientation, colour profile, thermal data, gain map and panorama projection always stay.")
}

func list(items []string) string {
	if len(items) == 1 {
		return items[0]
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}
