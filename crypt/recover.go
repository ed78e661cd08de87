package crypt

// recoverText is what stands in RECOVER.txt: all that is needed to open a vault
// with age, without this program.
func recoverText(info Info) []byte {
	text := `This folder is a vault: files of a memory card, each sealed as a plain age v1
file. Any age program opens them, for instance that of https://age-encryption.org.
In these commands YOUR.key is the file with your secret key.

`
	if info.CardKey {
		text += `1. Open the key of this vault, once:

  age -d -i YOUR.key -o card.key card.key.age

   (If the vault has a passphrase: age -d -o card.key card.key.age)

2. Open the index, which says which file is which, and any file:

  age -d -i card.key -o index.jsonl index.age
  age -d -i card.key -o FILE data/3f/3f9c….age

   Without keeping card.key:

  age -d -i YOUR.key card.key.age | age -d -i - -o FILE data/3f/3f9c….age

Delete card.key afterwards: it opens everything here.
`
	} else {
		text += `1. Open the index, which says which file is which:

  age -d -i YOUR.key -o index.jsonl index.age

2. Open any file:

  age -d -i YOUR.key -o FILE data/3f/3f9c….age
`
	}
	return []byte(text + `
index.2.age is a copy of index.age. Each line of the index names one file: its
path on the card (path), its sealed file here (name), its size, time and XXH64.
If both copies are lost the files still open; only their names are gone.

To open all of them:

  for f in $(find data -name '*.age'); do age -d -i ` + map[bool]string{true: "card.key", false: "YOUR.key"}[info.CardKey] + ` -o "$(basename "$f" .age)" "$f"; done
`)
}
