//! The words of each language, sorted by their lower case.
//!
//! A list is for what was seen to matter, not for all that a dictionary abbreviates: a word that
//! is one of a list by mistake joins two sentences. So no list has a word that is common as the
//! last of a sentence.

use super::Rules;
use crate::text::words;

/// Legal forms of companies that are written after a name with a `!`.
pub(super) const LEGAL_FORMS: &[&str] = words! {
    "ag" "bhd" "co" "corp" "gmbh" "inc" "llc" "ltd" "plc" "pte" "pty"
};

/// Those with dots, after which only the same name again begins a sentence for sure.
pub(super) const DOTTED_FORMS: &[&str] = words! {
    "a.g" "a.s" "b.v" "l.l.c" "l.l.p" "l.p" "n.v" "p.l.c" "s.a" "s.a.r.l" "s.a.s" "s.e" "s.l" "s.p.a" "s.r.l"
};

/// Of the starters of all languages, those that go on with no sentence: pronouns and articles, not `was` or `and`.
pub(super) const FRESH: &[&str] = words! {
    "another" "der" "each" "el" "ella" "elle" "elles" "er" "gli" "he" "her" "het" "hij" "his" "however" "i" "il" "ils"
    "it" "its" "la" "le" "les" "lo" "los" "meanwhile" "mr" "mrs" "ms" "my" "our" "several" "she" "sie" "some" "the"
    "their" "there" "these" "they" "this" "those" "we" "wir" "you" "your" "zij"
};

/// Names that are written with a `!`.
pub(super) const EXCLAIMED: &[&str] = words! {
    "jeopardy" "mamma" "oklahoma" "wham" "yahoo" "yum"
};

/// What letters stand after that number nothing but themselves: `Series B`, `World War I`.
pub(super) const LETTERED: &[&str] = words! {
    "appendix" "class" "exhibit" "grade" "group" "hepatitis" "pool" "schedule" "serie" "series" "terminal" "type"
    "vitamin" "war" "zone"
};

/// The same, but of these letters only, as it is written: a plan that J. Pell made is his, and Gen R. Pell a general.
pub(super) const LETTERED_WITH: &[(&str, &str)] =
    &[("Gen", "XYZ"), ("Generation", "XYZ"), ("Model", "STXY"), ("Plan", "ABC"), ("plan", "ABC")];

/// What has numbers with letters in them: `Flight No. BA117`.
pub(in super::super) const NUMBERED: &[&str] = words! {
    "account" "act" "application" "appln" "article" "bill" "case" "charity" "claim" "company" "contract" "docket" "exhibit"
    "file" "flight" "form" "invoice" "item" "lot" "model" "order" "part" "patent" "permit" "petition" "policy" "product" "reference"
    "registration" "regulation" "resolution" "room" "route" "serial" "suit" "train"
};

/// What somebody is who speaks in a transcript.
pub(in super::super) const OFFICES: &[&str] = words! {
    "Analyst" "Analysts" "CEO" "CFO" "COO" "CTO" "Chair" "Chairman" "Chairwoman" "Chief" "Counsel" "Director" "Editor" "Executive"
    "Head" "Manager" "Moderator" "Officer" "Partner" "President" "Relations" "Secretary" "Treasurer"
};

/// Records and codes that are cited by sections and paragraphs.
pub(in super::super) const CITED: &[&str] = words! {
    "Aff" "Am" "Ann" "Ans" "Br" "Compl" "Decl" "Dep" "Ex" "Ibid" "Id" "Mot" "Op" "Opp" "Pet" "Reg" "Regs" "Resp" "Rev" "Stat" "Stip"
    "Tr"
};

/// Words that a headline in capital letters has small.
pub(super) const SMALL: &[&str] = words! {
    "a" "amid" "an" "and" "are" "as" "at" "but" "by" "for" "from" "in" "into" "is" "its" "nor" "of" "off" "on" "onto"
    "or" "out" "over" "per" "says" "than" "the" "to" "up" "upon" "v" "via" "vs" "was" "will" "with"
};

/// What is so where a language says nothing else.
const PLAIN: Rules = Rules {
    titles: &[],
    never: &[],
    numbered: &[],
    soft: &[],
    starters: &[],
    subjects: &[],
    before_time: &[],
    speech: &[],
    ordinals: false,
    spaced_guillemets: false,
};

pub(in super::super) const ENGLISH: Rules = Rules {
    titles: words! {
        "Adm" "Adv" "Ald" "Amb" "Assoc" "Asst" "Atty" "Brig" "Capt" "Cdr" "Chas" "Cllr" "Cmdr"
        "Col" "Comdr" "Const" "Cpl" "Cpt" "Dep" "Det" "Dr" "Drs" "Fr" "Ft" "Gen" "Gov" "Govs"
        "Hon" "Ing" "Insp" "Ir" "Lt" "Maj" "Messrs" "Mlle" "Mme" "Mr" "Mrs" "Ms" "Msgr" "Mx" "Ofc" "Pfc"
        "Pres" "Prof" "Profs" "Pvt" "Rep" "Reps" "Rev" "Rt" "Sec" "Sen" "Sens" "Sfc" "Sgt"
        "Smt" "Spc" "Supt" "Tpr" "Treas" "Wm"
    },
    never: words! {
        "c.f" "ca" "cf" "e.g" "eg" "i.e" "ie" "v" "viz" "vs"
    },
    numbered: words! {
        "apr" "art" "arts" "aug" "ch" "cl" "cls" "dec" "Ex" "ext" "feb" "fig" "figs" "Fri" "ft" "jan" "jul" "jun"
        "lb" "lbs" "mar" "Mon" "no" "nos" "nov" "nr" "n°" "nº" "oct" "op" "oz" "para" "paras" "pp"
        "prev" "regs" "rm" "rs" "sched" "sec" "sect" "sep" "sept" "tel" "Thu" "Thur" "Thurs" "Tue" "Tues"
        "vol" "vols" "Wed"
    },
    soft: words! {
        "a.k.a" "adj" "al" "Ala" "approx" "Ariz" "Ark" "assn" "Ave" "bhd" "Bldg" "Blvd" "Bros" "Calif"
        "chem" "cir" "co" "Colo" "Conn" "corp" "cos" "Ct" "Del" "dept" "Dist" "esq" "est" "Fla"
        "Ga" "Ill" "inc" "incl" "Ind" "intl" "jr" "Kan" "Kans" "Ky" "La" "Ln" "ltd" "Mass" "Md"
        "mfg" "Mich" "Minn" "Miss" "Mo" "Mont" "Mt" "natl" "Neb" "Nev" "Okla" "Ore" "Pa" "Penn"
        "Pkwy" "pte" "pty" "Rd" "ret" "retd" "sdn" "sr" "st" "Ste" "Tenn" "Tex" "Univ" "Va"
        "Vt" "Wash" "Wis" "Wyo"
    },
    starters: words! {
        "a" "according" "across" "additionally" "after" "afterwards" "again" "against" "ahead"
        "all" "almost" "along" "already" "also" "although" "always" "am" "amid" "among" "an"
        "and" "another" "any" "anyone" "anything" "are" "around" "as" "asked" "at" "because"
        "before" "behind" "being" "below" "besides" "between" "beyond" "both" "but" "by" "can"
        "clearly" "consequently" "could" "currently" "despite" "did" "do" "does" "during"
        "each" "earlier" "either" "elsewhere" "even" "eventually" "every" "everyone"
        "everything" "except" "few" "finally" "following" "for" "from" "furthermore" "given"
        "had" "has" "have" "having" "he" "hence" "her" "here" "hers" "his" "how" "however" "i"
        "if" "in" "indeed" "initially" "inside" "instead" "into" "is" "it" "its" "just"
        "lately" "later" "let" "like" "likewise" "many" "maybe" "meantime" "meanwhile" "more"
        "moreover" "most" "mr" "mrs" "ms" "much" "must" "my" "near" "nearly" "neither" "never"
        "nevertheless" "no" "nobody" "none" "nonetheless" "nor" "not" "nothing" "now" "of"
        "off" "often" "on" "once" "one" "only" "or" "other" "others" "otherwise" "our" "out"
        "over" "overall" "perhaps" "plus" "previously" "quite" "rather" "recently" "separately"
        "several" "she" "should" "similarly" "since" "so" "some" "somehow" "someone"
        "something" "sometimes" "soon" "specifically" "still" "such" "suddenly" "thanks" "that"
        "the" "their" "them" "then" "there" "thereafter" "therefore" "these" "they" "this"
        "those" "though" "through" "throughout" "thus" "to" "today" "together" "tomorrow"
        "tonight" "too" "toward" "towards" "ultimately" "under" "unfortunately" "unless"
        "unlike" "until" "up" "upon" "usually" "very" "was" "we" "well" "were" "what"
        "whatever" "when" "whenever" "where" "whereas" "wherever" "whether" "which" "whichever"
        "while" "who" "whoever" "whom" "whose" "why" "with" "within" "without" "would" "yes"
        "yesterday" "yet" "you" "your"
    },
    subjects: words! {
        "analysts" "authorities" "based" "bloomberg" "bondholders" "critics" "customers" "demand"
        "details" "directors" "doctors" "economists" "employees" "executives" "exports"
        "financial" "firefighters" "forecasters" "founded" "four" "headquartered" "hundreds" "imports" "inflation"
        "investors" "last" "lawmakers" "lawyers" "managers" "negotiations" "net" "next" "officers" "officials"
        "orders" "output" "people" "police" "prices" "production" "profit" "profits"
        "prosecutors" "regulators" "reporters" "researchers" "residents" "reuters" "revenue"
        "rivals" "sales" "scientists" "shareholders" "shares" "sources" "stocks" "students"
        "talks" "teachers" "terms" "thousands" "three" "traders" "trading" "two" "unions" "voters"
        "witnesses" "workers"
    },
    before_time: words! {
        "about" "after" "around" "at" "before" "by" "from" "in" "just" "on" "shortly" "since"
        "until"
    },
    speech: words! {
        "added" "announced" "answered" "argued" "asked" "boasted" "claimed" "continued" "cried"
        "declared" "demanded" "exclaimed" "insisted" "joked" "quipped" "replied" "responded"
        "said" "says" "shouted" "told" "tweeted" "wondered" "wrote" "yelled"
    },
    ..PLAIN
};

pub(in super::super) const GERMAN: Rules = Rules {
    titles: words! {
        "dent" "Dipl" "Dr" "ev" "Fr" "Frl" "Gebr" "habil" "Hl" "Hr" "Hrn" "Ing" "jur" "kath"
        "Mag" "med" "nat" "phil" "Prof" "rer" "Sr" "St" "theol"
    },
    never: words! {
        "bzgl" "bzw" "ca" "d.h" "d.i" "dgl" "evtl" "geb" "gegr" "gem" "ggf" "ggfs" "i.a" "i.d.r"
        "i.v" "inkl" "insb" "insbes" "lt" "m.e" "mind" "o.ä" "s.o" "s.u" "sog" "u.a" "u.u" "u.ä"
        "v.a" "vgl" "vs" "z.b" "z.t" "z.z" "z.zt" "zit" "zzgl" "zzt"
    },
    numbered: words! {
        "abb" "abs" "abt" "anm" "apr" "art" "aufl" "aug" "bd" "bde" "bl" "dez" "feb" "fn" "gr"
        "hrsg" "jan" "jg" "jh" "jul" "jun" "kap" "mrz" "nov" "nr" "nrn" "okt" "rn" "s" "sep"
        "sept" "str" "tab" "tel" "ziff"
    },
    soft: words! {
        "bhf" "chr" "co" "corp" "e.v" "etc" "exkl" "inc" "int" "jr" "ltd" "max" "min" "mio"
        "mrd" "n.chr" "sen" "std" "usf" "usw" "v.chr"
    },
    starters: words! {
        "aber" "als" "am" "an" "auch" "auf" "aus" "bei" "beide" "beim" "bis" "da" "dabei"
        "dadurch" "dafür" "dagegen" "damals" "damit" "danach" "daneben" "dann" "daran" "darauf"
        "daraus" "darin" "darum" "das" "dass" "davon" "davor" "dazu" "dem" "den" "denn"
        "dennoch" "der" "deren" "des" "deshalb" "dessen" "die" "dies" "diese" "diesem" "diesen"
        "dieser" "dieses" "doch" "dort" "durch" "ein" "eine" "einem" "einen" "einer" "eines"
        "er" "es" "euch" "für" "gegen" "hier" "hinter" "ich" "ihm" "ihn" "ihr" "ihre" "im" "in"
        "inzwischen" "ist" "ja" "jede" "jeder" "jedes" "jedoch" "jene" "jetzt" "kein" "keine"
        "laut" "man" "mehr" "mit" "nach" "nachdem" "nein" "nicht" "noch" "nun" "nur" "ob" "obwohl"
        "oder" "ohne" "schon" "sein" "seine" "seit" "sie" "sind" "so" "sogar" "sowohl" "trotz"
        "trotzdem" "um" "und" "uns" "unser" "unter" "vom" "von" "vor" "warum" "was" "wegen"
        "weil" "weiter" "welche" "wenn" "wer" "wie" "wir" "wo" "während" "zu" "zudem" "zum"
        "zur" "zwar" "zwischen" "über"
    },
    ordinals: true,
    ..PLAIN
};

pub(in super::super) const FRENCH: Rules = Rules {
    titles: words! {
        "Dr" "Drs" "M" "Me" "Mes" "Mgr" "Mlle" "Mlles" "MM" "Mme" "Mmes" "Pr" "Prof" "Sr" "St"
        "Ste"
    },
    never: words! {
        "c.-à-d" "cf" "env" "etc.et" "ex" "i.e" "p.ex" "vs"
    },
    numbered: words! {
        "art" "av.n°" "avr" "chap" "déc" "fasc" "fig" "févr" "janv" "juil" "no" "nos" "nov" "n°"
        "nº" "oct" "p" "pp" "sect" "sept" "t" "tél" "vol"
    },
    soft: words! {
        "apr" "av" "bd" "boul" "cie" "co" "coll" "dir" "hab" "inc" "jr" "ltd" "max" "min" "s.a"
        "s.a.r.l" "st" "suiv" "éd"
    },
    starters: words! {
        "a" "afin" "ainsi" "alors" "après" "au" "aucun" "aujourd" "aussi" "autre" "autres" "aux"
        "avant" "avec" "avoir" "car" "ce" "ceci" "cela" "celle" "celui" "cependant" "certains"
        "ces" "cet" "cette" "ceux" "chacun" "chaque" "chez" "comme" "comment" "d" "dans" "de"
        "depuis" "des" "deux" "donc" "du" "durant" "dès" "elle" "elles" "en" "encore" "enfin"
        "entre" "est" "et" "eux" "hier" "ici" "il" "ils" "j" "je" "jusqu" "l" "la" "le" "les"
        "leur" "leurs" "lors" "lorsque" "lui" "là" "là-bas" "ma" "mais" "malgré" "mes" "moi"
        "mon" "même" "n" "ne" "non" "nos" "notre" "nous" "on" "or" "ou" "outre" "où" "par"
        "parce" "parmi" "pas" "pendant" "peu" "plus" "plusieurs" "pour" "pourquoi" "pourtant"
        "puis" "puisque" "qu" "quand" "quant" "que" "quel" "quelle" "quelques" "qui" "quoi" "s"
        "sa" "sans" "se" "selon" "ses" "si" "soit" "son" "sous" "sur" "ta" "tandis" "tous"
        "tout" "toute" "toutefois" "toutes" "très" "tu" "un" "une" "vers" "voici" "voilà" "vos"
        "votre" "vous" "y" "à" "été"
    },
    spaced_guillemets: true,
    ..PLAIN
};

pub(in super::super) const SPANISH: Rules = Rules {
    titles: words! {
        "Arq" "CC" "Cnel" "Cía" "D" "dr" "dra" "dras" "dres" "Dª" "EE" "Excmo" "FF" "Fr" "Gral"
        "Ilmo" "Ing" "Lic" "Mons" "Ntra" "Pbro" "prof" "profa" "RR" "sr" "sra" "sres" "srta"
        "srtas" "Sta" "Sto" "Ud" "Uds" "Vd" "Vds"
    },
    never: words! {
        "c.f" "cf" "ej" "p.ej" "vs"
    },
    numbered: words! {
        "art" "arts" "cap" "ed" "fig" "no" "n°" "nº" "núm" "núms" "p" "pp" "pág" "págs" "tel"
        "tomo" "vol" "vols"
    },
    soft: words! {
        "admón" "apdo" "aprox" "av" "avda" "c.v" "co" "corp" "cía" "dpto" "ee.uu" "etc" "ff.aa"
        "inc" "izq" "jr" "ltd" "ltda" "máx" "mín" "rr.hh" "s.a" "s.l"
    },
    starters: words! {
        "a" "además" "ahora" "al" "algunas" "algunos" "allí" "ante" "antes" "aquel" "aquella"
        "aquí" "así" "aun" "aunque" "aún" "bajo" "cada" "como" "con" "contra" "cual" "cualquier"
        "cuando" "de" "dentro" "desde" "después" "dicho" "donde" "dos" "durante" "e" "el" "ella"
        "ellas" "ellos" "en" "entonces" "entre" "era" "es" "esa" "esas" "ese" "eso" "esos"
        "esta" "estas" "este" "esto" "estos" "está" "están" "fue" "ha" "han" "hasta" "hay" "hoy"
        "la" "las" "le" "les" "lo" "los" "luego" "mas" "me" "mi" "mientras" "mis" "muchas"
        "muchos" "muy" "más" "nada" "nadie" "ni" "ninguno" "no" "nos" "nosotros" "nuestra"
        "nuestro" "o" "otra" "otras" "otro" "otros" "para" "pero" "poco" "por" "porque" "pues"
        "que" "quien" "quienes" "quién" "qué" "se" "según" "ser" "si" "sido" "sin" "sino"
        "sobre" "solo" "son" "su" "sus" "sí" "sólo" "también" "tampoco" "tan" "tanto" "te"
        "toda" "todas" "todo" "todos" "tras" "tu" "tú" "un" "una" "unas" "uno" "unos" "usted"
        "ustedes" "varios" "y" "ya" "yo" "él"
    },
    ..PLAIN
};

pub(in super::super) const ITALIAN: Rules = Rules {
    titles: words! {
        "Arch" "avv" "Cav" "Comm" "dott" "dott.ssa" "dr" "Egr" "Gen" "Gent" "geom" "Ill" "ing"
        "mons" "On" "prof" "prof.ssa" "rag" "rev" "S" "Sen" "sig" "sig.na" "sig.ra" "sigg" "SS"
    },
    never: words! {
        "ad.es" "cf" "cfr" "ecc.ecc" "es" "i.e" "p.es" "vs"
    },
    numbered: words! {
        "art" "artt" "cap" "ed" "fig" "n" "nn" "num" "n°" "nº" "p" "pag" "pagg" "par" "pp" "sez"
        "tab" "tel" "vol" "voll"
    },
    soft: words! {
        "a.c" "c.a" "co" "corp" "d.c" "ecc" "f.lli" "inc" "int" "jr" "ltd" "max" "min" "mq"
        "s.n.c" "s.p.a" "s.r.l" "spa" "srl"
    },
    starters: words! {
        "a" "ad" "adesso" "ai" "al" "alcuni" "alla" "alle" "allora" "altri" "anche" "ancora"
        "anzi" "appena" "c" "che" "chi" "ci" "ciò" "come" "con" "contro" "così" "cui" "d" "da"
        "dal" "dalla" "dalle" "dei" "del" "della" "delle" "dello" "dentro" "di" "dopo" "dove"
        "due" "dunque" "durante" "e" "ecco" "ed" "egli" "era" "essi" "fino" "fra" "già" "gli"
        "ha" "ho" "i" "ieri" "il" "in" "infatti" "infine" "inoltre" "intanto" "invece" "io" "l"
        "la" "le" "lei" "li" "lo" "loro" "lui" "ma" "mentre" "mi" "mio" "molti" "molto" "nei"
        "nel" "nella" "nelle" "nessuno" "no" "noi" "non" "nonostante" "o" "oggi" "ogni" "oltre"
        "ora" "per" "perché" "perciò" "però" "più" "poi" "poiché" "prima" "proprio" "qualcuno"
        "quale" "quando" "quanto" "quasi" "quella" "quelle" "quelli" "quello" "questa" "queste"
        "questi" "questo" "qui" "quindi" "se" "secondo" "sei" "sempre" "senza" "si" "sia"
        "siamo" "solo" "sono" "sopra" "sotto" "sta" "su" "sua" "sul" "sulla" "suo" "suoi" "tra"
        "tu" "tutta" "tutte" "tutti" "tutto" "un" "una" "uno" "vi" "voi" "è"
    },
    ..PLAIN
};

pub(in super::super) const PORTUGUESE: Rules = Rules {
    titles: words! {
        "Arq" "Cel" "D" "Des" "dr" "dra" "dras" "drs" "Enf" "Eng" "Enga" "Exa" "Exma" "Exmo"
        "Gen" "Ilmo" "Pe" "Prof" "profa" "sr" "sra" "sras" "srs" "srta" "Sta" "Sto" "V"
    },
    never: words! {
        "cf" "ex" "i.e" "p.ex" "vs"
    },
    numbered: words! {
        "art" "arts" "cap" "ed" "fig" "n" "no" "n°" "nº" "núm" "p" "pp" "pág" "págs" "tel" "vol"
    },
    soft: words! {
        "a.c" "aprox" "av" "cia" "co" "corp" "d.c" "depto" "etc" "inc" "jr" "ltd" "ltda" "máx"
        "mín" "s.a"
    },
    starters: words! {
        "a" "agora" "ainda" "algumas" "alguns" "além" "ao" "aos" "apenas" "apesar" "após"
        "aquela" "aquele" "aqui" "as" "assim" "até" "cada" "com" "como" "contra" "contudo" "da"
        "das" "de" "dela" "dele" "depois" "desde" "do" "dois" "dos" "durante" "e" "ela" "elas"
        "ele" "eles" "em" "embora" "enquanto" "entre" "entretanto" "então" "era" "essa" "essas"
        "esse" "esses" "esta" "estas" "este" "estes" "está" "eu" "foi" "hoje" "há" "isso" "isto"
        "já" "lá" "mais" "mas" "me" "mesmo" "meu" "minha" "muitas" "muito" "muitos" "na" "nas"
        "nem" "nenhum" "ninguém" "no" "nos" "nossa" "nosso" "nunca" "não" "nós" "o" "onde"
        "ontem" "os" "ou" "outra" "outras" "outro" "outros" "para" "pela" "pelo" "pois" "por"
        "porque" "porém" "quais" "qual" "quando" "quanto" "que" "quem" "se" "segundo" "sem"
        "sempre" "ser" "seu" "seus" "sim" "sob" "sobre" "somente" "sua" "suas" "são" "também"
        "tanto" "todas" "todo" "todos" "tudo" "um" "uma" "umas" "uns" "você" "vocês" "à" "às"
        "é"
    },
    ..PLAIN
};

pub(in super::super) const DUTCH: Rules = Rules {
    titles: words! {
        "dhr" "dr" "drs" "ds" "Hr" "ing" "ir" "jhr" "mej" "mevr" "Mr" "Mrs" "mw" "prof" "St"
    },
    never: words! {
        "a.h.w" "bijv" "blz.a" "bv" "bvb" "ca" "cf" "d.i" "d.m.v" "d.w.z" "e.d" "evt" "i.p.v"
        "i.t.t" "i.v.m" "incl" "m.a.w" "m.b.t" "m.b.v" "m.n" "m.u.v" "nl" "o.a" "o.b.v" "o.i.d"
        "o.l.v" "resp" "t.a.v" "t.g.v" "t.o.v" "t.w" "vgl" "vs" "z.g" "zg" "zgn"
    },
    numbered: words! {
        "afb" "afl" "apr" "art" "aug" "blz" "dec" "feb" "fig" "hfst" "jan" "jl" "jr" "juli"
        "juni" "mrt" "nov" "nr" "nrs" "okt" "p" "pag" "par" "sept" "tel" "vol"
    },
    soft: words! {
        "b.v" "co" "corp" "enz" "etc" "excl" "inc" "jr" "ltd" "max" "min" "mln" "mrd" "n.chr"
        "n.v" "sr" "str" "v.chr" "v.z.w"
    },
    starters: words! {
        "aan" "al" "alle" "als" "andere" "bij" "bovendien" "daar" "daarna" "daarom" "dan" "dat"
        "de" "deze" "die" "dit" "doch" "door" "dus" "echter" "een" "eerst" "elk" "elke" "en"
        "er" "geen" "haar" "had" "heeft" "het" "hier" "hij" "hoe" "hoewel" "hun" "ik" "in" "is"
        "ja" "je" "kan" "maar" "mede" "meer" "men" "met" "mijn" "na" "naar" "naast" "nee" "niet"
        "niets" "nog" "nu" "of" "om" "omdat" "onder" "ons" "onze" "ook" "op" "over" "sinds"
        "soms" "te" "tegen" "ten" "terwijl" "toch" "toen" "tot" "tussen" "u" "uit" "van" "vanaf"
        "vandaag" "veel" "volgens" "voor" "waar" "waarom" "wanneer" "want" "waren" "was" "wat"
        "we" "weer" "wel" "welke" "werd" "wie" "wij" "ze" "zelfs" "zij" "zijn" "zo" "zoals"
        "zodra" "zonder" "zou" "zowel"
    },
    ..PLAIN
};

/// What many languages have, and the abbreviations of those that share no letters with another.
pub(in super::super) const OTHER: Rules = Rules {
    titles: words! {
        "Doç" "Dr" "Ing" "inż" "JUDr" "Mgr" "MUDr" "PGS" "Prof" "Skt" "ThS" "św" "δρ" "акад" "вид" "вул"
        "гр" "журн" "им" "инж" "кв" "м-р" "пгт" "пл" "проф" "ул" "чл" "ім" "פרופ" "أ.د" "د" "डा" "डॉ" "प्रो" "श्री" "డా"
    },
    never: words! {
        "bl.a" "cca" "dvs" "f.eks" "f.ks" "itd.a" "mm.a" "napr" "např" "np" "ns" "ok" "pl.a"
        "r.h" "resp" "t.ex" "tj" "tzn" "tzv" "tzw" "vgl" "vs" "örn" "αρ.κ" "βλ" "μ.χ" "π.χ"
        "напр" "нар" "см" "ср" "ст.ст" "т.д.а" "т.е" "т.зв" "т.зн" "т.к" "т.н" "тобто"
    },
    numbered: words! {
        "art" "cap" "fig" "kap" "kl" "no" "nr" "n°" "nº" "pag" "pkt" "pp" "rys" "str" "tab" "tel"
        "ust" "vol" "č" "čl" "αρ" "σ" "гл" "год" "п" "рис" "с" "ст" "стор" "стр" "т" "тел" "хв"
    },
    soft: words! {
        "atd" "bd" "co" "corp" "etc" "inc" "itd" "itp" "jr" "ltd" "max" "min" "mio" "mld" "mln"
        "mrd" "o.s" "osv" "s.a" "sp" "sr" "st" "t.d" "κ.ά" "κ.λπ" "κλπ" "в" "вв" "г" "гг" "грн"
        "др" "млн" "млрд" "о.с" "р" "рр" "руб" "т.д" "т.п" "тис" "тыс" "ін"
    },
    starters: words! {
        "a" "ale" "ama" "az" "bir" "bu" "den" "der" "det" "ea" "el" "este" "ez" "han" "hon"
        "hun" "hän" "i" "ja" "jag" "je" "jeg" "jest" "jsou" "men" "mutta" "my" "na" "ne" "nem"
        "nie" "nu" "o" "och" "og" "on" "ona" "oni" "po" "se" "to" "ty" "v" "ve" "vi" "w" "är"
        "él" "és" "în" "și" "αυτό" "δεν" "η" "και" "ο" "οι" "τα" "το" "а" "але" "в" "вона"
        "вони" "все" "вы" "він" "для" "его" "если" "её" "и" "их" "к" "как" "когда" "коли" "мы"
        "на" "не" "но" "он" "она" "они" "оно" "по" "при" "с" "та" "так" "у" "це" "ці" "что" "що"
        "эта" "эти" "это" "этот" "я"
    },
    ordinals: true,
    spaced_guillemets: true,
    ..PLAIN
};
