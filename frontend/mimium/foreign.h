/* foreign.h -- words that are none of the language, but of others that people come from. */
#ifndef JR_FRONTEND_MIMIUM_FOREIGN_H
#define JR_FRONTEND_MIMIUM_FOREIGN_H

/* What to write instead of an unknown variable / type of this name, as a sentence for a note; NULL if nothing is known.  Static. */
const char *jr_mm_foreign_word(const char *text);
/* The type that is meant by a type of this name: "float" for "double"; NULL.  Static. */
const char *jr_mm_foreign_type(const char *text);

#endif
