/* SPDX-License-Identifier: MIT */
#include "net/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ----------------------------------------------------------------- reading */

static const char *
why(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	return text != NULL ? text : "it cannot be read";
}

static FILE *
open_file(const char *path, bool secret, struct error *err)
{
	struct stat st;
	FILE *file;

	file = fopen(path, "re");
	if (file == NULL || fstat(fileno(file), &st) == -1) {
		error_set_errno(err, "cannot read %s", path);
		if (err != NULL)
			err->code = ERROR_CONFIG;
		goto fail;
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(err, ERROR_CONFIG, "%s: not a regular file", path);
		goto fail;
	}
	if (secret && (st.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
		error_set(err, ERROR_CONFIG, "%s: mode %04o lets others at "
		    "the private key; chmod 600 it", path,
		    (unsigned)st.st_mode & 07777);
		goto fail;
	}
	return file;
fail:
	if (file != NULL)
		fclose(file);
	return NULL;
}

/* The leaf, and what follows it. */
static int
read_chain(struct certificate *certificate, const char *path,
    struct error *err)
{
	FILE *file = open_file(path, false, err);
	X509 *next;

	if (file == NULL)
		return -1;
	certificate->chain = sk_X509_new_null();
	certificate->leaf = PEM_read_X509_AUX(file, NULL, NULL, NULL);
	if (certificate->leaf == NULL || certificate->chain == NULL) {
		error_set(err, ERROR_CONFIG, "%s: no certificate in PEM is "
		    "there (%s)", path, why());
		fclose(file);
		return -1;
	}
	while ((next = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
		if (sk_X509_push(certificate->chain, next) == 0) {
			X509_free(next);
			break;
		}
	}
	fclose(file);
	/* The end of the file is the one good reason to stop. */
	if (next == NULL && ERR_GET_REASON(ERR_peek_last_error()) ==
	    PEM_R_NO_START_LINE)
		return 0;
	error_set(err, ERROR_CONFIG, "%s: certificate %d of the chain cannot "
	    "be read (%s)", path, sk_X509_num(certificate->chain) + 2, why());
	return -1;
}

/* Nobody is there to type a passphrase. */
static int
no_passphrase(char *buffer, int size, int writing, void *arg)
{
	(void)buffer;
	(void)size;
	(void)writing;
	*(bool *)arg = true;
	return -1;
}

static int
read_key(struct certificate *certificate, const char *path,
    struct error *err)
{
	FILE *file = open_file(path, true, err);
	bool encrypted = false;

	if (file == NULL)
		return -1;
	certificate->key = PEM_read_PrivateKey(file, NULL, no_passphrase,
	    &encrypted);
	fclose(file);
	if (certificate->key != NULL)
		return 0;
	if (encrypted)
		error_set(err, ERROR_CONFIG, "%s: the private key is "
		    "encrypted; one without a passphrase is needed", path);
	else
		error_set(err, ERROR_CONFIG, "%s: no private key in PEM is "
		    "there (%s)", path, why());
	return -1;
}

/* ---------------------------------------------------------------- checking */

static void
format_time(const ASN1_TIME *when, char text[32])
{
	struct tm tm;

	if (ASN1_TIME_to_tm(when, &tm) != 1 ||
	    strftime(text, 32, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		strcpy(text, "an unknown time");
}

static int
check(const struct certificate *certificate, const char *path,
    const char *key_path, struct error *err)
{
	const ASN1_TIME *from = X509_get0_notBefore(certificate->leaf);
	const ASN1_TIME *until = X509_get0_notAfter(certificate->leaf);
	char text[32];

	if (X509_check_private_key(certificate->leaf, certificate->key) != 1) {
		error_set(err, ERROR_CONFIG, "%s: the key of %s does not "
		    "belong to this certificate", path, key_path);
	} else if (X509_cmp_current_time(until) <= 0) {
		format_time(until, text);
		error_set(err, ERROR_CONFIG, "%s: the certificate expired at "
		    "%s; renew it", path, text);
	} else if (X509_cmp_current_time(from) > 0) {
		format_time(from, text);
		error_set(err, ERROR_CONFIG, "%s: the certificate is not "
		    "valid before %s; is the clock right?", path, text);
	} else {
		return 0;
	}
	return -1;
}

/* ------------------------------------------------------------------- names */

static int
add_name(struct certificate *certificate, const ASN1_IA5STRING *text)
{
	const char *data = (const char *)ASN1_STRING_get0_data(text);
	size_t i, len = (size_t)ASN1_STRING_length(text);
	char *name;

	/* One with a NUL names nobody. */
	if (memchr(data, '\0', len) != NULL)
		return 0;
	name = strndup(data, len);
	if (name == NULL)
		return -1;
	for (i = 0; i < len; i++) {
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] |= 0x20;
	}
	certificate->names[certificate->names_n++] = name;
	return 0;
}

static int
read_names(struct certificate *certificate, const char *path,
    struct error *err)
{
	const GENERAL_NAME *name;
	GENERAL_NAMES *names;
	int i, n, rc = 0;

	names = X509_get_ext_d2i(certificate->leaf, NID_subject_alt_name,
	    NULL, NULL);
	n = names != NULL ? sk_GENERAL_NAME_num(names) : 0;
	if (n == 0) {
		error_set(err, ERROR_CONFIG, "%s: the certificate has no "
		    "subjectAltName, without which no client takes it", path);
		rc = -1;
	} else if ((certificate->names = calloc((size_t)n,
	    sizeof(*certificate->names))) == NULL) {
		rc = -2;
	}
	for (i = 0; i < n && rc == 0; i++) {
		name = sk_GENERAL_NAME_value(names, i);
		if (name->type == GEN_DNS &&
		    add_name(certificate, name->d.dNSName) == -1)
			rc = -2;
	}
	GENERAL_NAMES_free(names);
	if (rc == -2)
		error_set(err, ERROR_NOMEM, "no memory for %s", path);
	return rc == 0 ? 0 : -1;
}

/* --------------------------------------------------------------- lifetime */

int
certificate_load(struct certificate *certificate, const char *path,
    const char *key_path, struct error *err)
{
	if (key_path == NULL)
		key_path = path;
	memset(certificate, 0, sizeof(*certificate));
	ERR_clear_error();
	if (read_chain(certificate, path, err) == 0 &&
	    read_key(certificate, key_path, err) == 0 &&
	    check(certificate, path, key_path, err) == 0 &&
	    read_names(certificate, path, err) == 0) {
		ERR_clear_error();
		return 0;
	}
	ERR_clear_error();
	certificate_fini(certificate);
	return -1;
}

void
certificate_fini(struct certificate *certificate)
{
	while (certificate->names_n > 0)
		free(certificate->names[--certificate->names_n]);
	free(certificate->names);
	EVP_PKEY_free(certificate->key);
	sk_X509_pop_free(certificate->chain, X509_free);
	X509_free(certificate->leaf);
	memset(certificate, 0, sizeof(*certificate));
}

bool
certificate_names(const struct certificate *certificate, const char *host,
    bool wildcard)
{
	const char *rest = strchr(host, '.'), *name;
	size_t i;

	if (wildcard && (rest == NULL || rest == host))
		return false;
	for (i = 0; i < certificate->names_n; i++) {
		name = certificate->names[i];
		if (!wildcard && strcmp(name, host) == 0)
			return true;
		if (wildcard && name[0] == '*' &&
		    strcmp(name + 1, rest) == 0)
			return true;
	}
	return false;
}
