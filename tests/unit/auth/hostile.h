/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_AUTH_HOSTILE_H
#define TESTS_UNIT_AUTH_HOSTILE_H

#include "mint.h"

/* A token and the answer to it; mint.h says how it is made. */
struct hostile_row {
	const char *name;
	const char *header, *payload;
	mint_forge *forge;   /* NULL: there is no third part */
	const char *answer;  /* a part of the sentence; NULL: it is valid */
	mint_change *before, *after;
	bool longer; /* a valid token with more behind it */
};
extern const struct hostile_row hostile_rows[];
extern const size_t hostile_rows_n;

/* Signatures that are none: hostile_forge.c */
mint_forge empty, zeros_64, short_63, long_65, by_ed_s_plus_order,
    identity_and_zero, by_secret_16, by_secret_33, pem_as_secret,
    der_as_secret, raw_as_secret, kid_as_secret, nothing_as_secret,
    ec_as_der, ec_r_zero, ec_s_zero, ec_r_order, ec_s_order, ec_r_huge,
    ec_zeros, ec_s_mirrored, rsa_short, rsa_zero_first, rsa_zeros, rsa_ones,
    rsa_pss, rsa_sha512;

/* Changes of what is signed, and of what was. */
mint_change header_padded, header_spaced, payload_unused_bits,
    standard_alphabet, header_newline, signature_padded,
    signature_unused_bits, newline_after, space_before, letter_after,
    space_inside, dot_after, part_after, two_parts_after,
    three_parts_after, no_dots,
    payload_dropped, header_dropped, header_emptied, payload_emptied,
    header_cut, payload_cut, signature_cut, payload_exchanged, bearer_before,
    nul_inside, high_bit, as_json;

#endif
