/* SPDX-License-Identifier: MIT */
#include "store/terms.h"

#include <string.h>

#include "base/hash.h"
#include "store/pack.h"

#define NO_CHARACTER UINT32_C(0xfffd)

enum class {
	LETTER,	   /* letters and digits: with its neighbours, a word */
	SEPARATOR,
	ALONE,	   /* a word by itself */
	MARK	   /* on the character before it, and of no account */
};

/* What above ASCII is no letter, ascending. */
static const struct {
	uint32_t first, last;
	enum class class;
} ranges[] = {
    {0x80, 0xa9, SEPARATOR}, {0xab, 0xac, SEPARATOR}, {0xad, 0xad, MARK},
    {0xae, 0xb4, SEPARATOR}, {0xb6, 0xb9, SEPARATOR},
    {0xbb, 0xbf, SEPARATOR}, {0xd7, 0xd7, SEPARATOR},
    {0xf7, 0xf7, SEPARATOR}, {0x300, 0x36f, MARK}, {0x37e, 0x37e, SEPARATOR},
    {0x387, 0x387, SEPARATOR}, {0x483, 0x489, MARK},
    {0x55a, 0x55f, SEPARATOR}, {0x589, 0x58a, SEPARATOR},
    {0x591, 0x5bd, MARK}, {0x5be, 0x5be, SEPARATOR}, {0x5bf, 0x5bf, MARK},
    {0x5c0, 0x5c0, SEPARATOR}, {0x5c1, 0x5c2, MARK},
    {0x5c3, 0x5c3, SEPARATOR}, {0x60c, 0x60d, SEPARATOR},
    {0x61b, 0x61f, SEPARATOR}, {0x640, 0x640, MARK}, {0x64b, 0x65f, MARK},
    {0x66a, 0x66d, SEPARATOR}, {0x6d4, 0x6d4, SEPARATOR},
    {0x964, 0x965, SEPARATOR}, {0x2000, 0x200b, SEPARATOR},
    {0x200c, 0x200d, MARK}, {0x200e, 0x206f, SEPARATOR},
    {0x2070, 0x20cf, SEPARATOR}, {0x20d0, 0x20ff, MARK},
    {0x2100, 0x25ff, SEPARATOR}, {0x2600, 0x27bf, ALONE},
    {0x27c0, 0x2bff, SEPARATOR}, {0x2e00, 0x2e7f, SEPARATOR},
    {0x2e80, 0x2fdf, ALONE}, {0x2ff0, 0x3004, SEPARATOR},
    {0x3005, 0x3007, ALONE}, {0x3008, 0x3030, SEPARATOR},
    {0x3031, 0x303a, ALONE}, {0x303b, 0x3040, SEPARATOR},
    {0x3041, 0x3098, ALONE}, {0x3099, 0x309a, MARK},
    {0x309b, 0x30fa, ALONE}, {0x30fb, 0x30fb, SEPARATOR},
    {0x30fc, 0x9fff, ALONE}, {0xac00, 0xd7ff, ALONE},
    {0xe000, 0xf8ff, SEPARATOR}, {0xf900, 0xfaff, ALONE},
    {0xfe00, 0xfe0f, MARK}, {0xfe10, 0xfe6f, SEPARATOR},
    {0xfeff, 0xfeff, MARK}, {0xff00, 0xff0f, SEPARATOR},
    {0xff1a, 0xff20, SEPARATOR}, {0xff3b, 0xff40, SEPARATOR},
    {0xff5b, 0xff65, SEPARATOR}, {0xff66, 0xff9f, ALONE},
    {0xffe0, 0xffff, SEPARATOR}, {0x1f000, 0x1f3fa, ALONE},
    {0x1f3fb, 0x1f3ff, MARK}, {0x1f400, 0x1faff, ALONE},
    {0x20000, 0x3ffff, ALONE}, {0xe0000, 0x10ffff, MARK}};

static enum class
class_of(uint32_t c)
{
	size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]), middle;

	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') ? LETTER : SEPARATOR;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (c > ranges[middle].last)
			low = middle + 1;
		else if (c < ranges[middle].first)
			high = middle;
		else
			return ranges[middle].class;
	}
	return LETTER;
}

/* ------------------------------------------------------------------ folding */

/* U+00C0 to U+00FF; 0: as it is, in lower case. */
static const char latin[] =
    "aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0\0"
    "aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0y";

static uint32_t
fold_latin_extended(uint32_t c)
{
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return c + (c & 1); /* there, capitals are odd */
	if (c == 0x130 || c == 0x131)
		return 'i';
	if (c == 0x138)
		return c; /* has no capital */
	if (c == 0x178)
		return 'y';
	return c == 0x17f ? 's' : c | 1;
}

static uint32_t
fold_greek(uint32_t c)
{
	static const uint16_t accented[] = {0x3b1, 0, 0x3b5, 0x3b7, 0x3b9, 0,
	    0x3bf, 0, 0x3c5, 0x3c9}; /* U+0386 on, and so U+03AC on */

	if (c >= 0x386 && c <= 0x38f && accented[c - 0x386] != 0)
		return accented[c - 0x386];
	if (c >= 0x391 && c <= 0x3ab)
		c += 0x20;
	switch (c) {
	case 0x3ac:
		return 0x3b1;
	case 0x3ad:
		return 0x3b5;
	case 0x3ae:
		return 0x3b7;
	case 0x390:
	case 0x3af:
	case 0x3ca:
		return 0x3b9;
	case 0x3b0:
	case 0x3cb:
	case 0x3cd:
		return 0x3c5;
	case 0x3c2: /* a final sigma */
		return 0x3c3;
	case 0x3cc:
		return 0x3bf;
	case 0x3ce:
		return 0x3c9;
	}
	return c;
}

static uint32_t
fold_cyrillic(uint32_t c)
{
	if (c <= 0x40f)
		c += 0x50;
	else if (c <= 0x42f)
		c += 0x20;
	else if ((c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) ||
	    c >= 0x4d0)
		return c | 1;
	return c == 0x451 ? 0x435 : c; /* io is mostly written as ie */
}

static uint32_t
fold(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
	if (c >= 0xc0 && c <= 0xff && latin[c - 0xc0] != '\0')
		return (uint32_t)latin[c - 0xc0];
	if (c >= 0xc0 && c <= 0xde)
		return c + 0x20;
	if (c >= 0x100 && c <= 0x17f)
		return fold_latin_extended(c);
	if (c >= 0x386 && c <= 0x3ce)
		return fold_greek(c);
	if (c >= 0x400 && c <= 0x52f)
		return fold_cyrillic(c);
	if (c >= 0xff10 && c <= 0xff5a) /* of full width */
		return fold(c - 0xff10 + '0');
	return c;
}

/* -------------------------------------------------------------------- UTF-8 */

/* Of a character's first byte: its bytes in all, and the lowest it may say. */
static uint32_t
begin(unsigned char first, size_t *len, uint32_t *least)
{
	if (first >= 0xc2 && first <= 0xdf) {
		*len = 2;
		*least = 0x80;
		return first & 0x1f;
	}
	if (first >= 0xe0 && first <= 0xef) {
		*len = 3;
		*least = 0x800;
		return first & 0x0f;
	}
	*len = first >= 0xf0 && first <= 0xf4 ? 4 : 1;
	*least = 0x10000;
	return first & 0x07;
}

static uint32_t
take(struct terms *terms)
{
	const unsigned char *at = (const unsigned char *)terms->at;
	size_t left = (size_t)(terms->end - terms->at), len, i;
	uint32_t c, least;

	terms->at++;
	if (at[0] < 0x80)
		return at[0];
	c = begin(at[0], &len, &least);
	if (len == 1 || len > left)
		return NO_CHARACTER;
	for (i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return NO_CHARACTER;
		c = c << 6 | (at[i] & 0x3f);
	}
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return NO_CHARACTER;
	terms->at += len - 1;
	return c;
}

/* What has no room is left out: it is the end of a long word. */
static void
put(struct term *term, uint32_t c)
{
	char bytes[4];
	size_t len = 0;

	if (c < 0x80) {
		bytes[len++] = (char)c;
	} else if (c < 0x800) {
		bytes[len++] = (char)(0xc0 | c >> 6);
		bytes[len++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		bytes[len++] = (char)(0xe0 | c >> 12);
		bytes[len++] = (char)(0x80 | (c >> 6 & 0x3f));
		bytes[len++] = (char)(0x80 | (c & 0x3f));
	} else {
		bytes[len++] = (char)(0xf0 | c >> 18);
		bytes[len++] = (char)(0x80 | (c >> 12 & 0x3f));
		bytes[len++] = (char)(0x80 | (c >> 6 & 0x3f));
		bytes[len++] = (char)(0x80 | (c & 0x3f));
	}
	if (term->len + len > TERM_MAX)
		return;
	memcpy(term->text + term->len, bytes, len);
	term->len = (uint8_t)(term->len + len);
}

/* -------------------------------------------------------------------- words */

static uint32_t
hash_of(const void *data, size_t len)
{
	uint64_t hash = hash_bytes(data, len);

	return (uint32_t)(hash ^ hash >> 32);
}

bool
terms_next(struct terms *terms, struct term *term)
{
	const char *before;
	enum class class;
	uint32_t c;

	term->len = 0;
	while (terms->at < terms->end) {
		before = terms->at;
		c = take(terms);
		class = class_of(c);
		if (class == MARK)
			continue;
		if (class == ALONE && term->len != 0)
			terms->at = before; /* it is the next */
		if (class != LETTER && term->len != 0)
			break;
		if (class != SEPARATOR)
			put(term, fold(c));
		if (class == ALONE)
			break;
	}
	term->hash = hash_of(term->text, term->len);
	return term->len != 0;
}

bool
term_equal(const struct term *one, const struct term *other)
{
	return one->hash == other->hash && one->len == other->len &&
	    memcmp(one->text, other->text, one->len) == 0;
}

uint32_t
term_of_sender(uint64_t uid)
{
	unsigned char bytes[9] = {0}; /* no word begins with it */

	put_be64(bytes + 1, uid);
	return hash_of(bytes, sizeof(bytes));
}
