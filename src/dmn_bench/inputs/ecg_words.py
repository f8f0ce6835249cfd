"""Words of ECG reports in closed lists: what changes nothing, what denies, what doubts, what may be denied.

No list of denials is ever complete. So it is the harmless words that are listed: a sentence with a word that stands in
none of these lists, nor in a wording of the table of findings, is not understood. Every word here is without accents
and in small letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

UNKNOWN, VALUE, BREAK, QUESTION = "\ufffd", "#", ",", "?"
"""Tokens of a text that are no words: a sign nobody knows, a value or lead names, the end of a clause, a "?"."""

_PLAIN = """
the|a|an|of|is|are|be|it|this|there|there is|in|on|at|for age|by|as|le|la|les|l|un|une|de|des|du|d|en|au|aux|y|il|est
sont|sur|dans|se|s|with a|ecg|ekg|electrocardiogram|electrocardiogramme|rhythm|rythme|the rhythm is|underlying rhythm
underlying|sous jacent|rythme de base|de base|basal|conclusion|impression|interpretation|in total|au total|
now present|is now present|are now present|now evident|
present|presente|presents|presentes|is present|are present|still present|persists|persiste|noted|note|notee
seen|observed|visible|visibles|new|nouveau|nouvelle|also|aussi|egalement|associe|associee|associes|associees
associated with|together with|rate|ventricular rate|vent rate|vent|heart rate|hr|vr|atrial rate|frequence
frequence cardiaque|frequence ventriculaire|fc|bpm|reponse|response|ventricular response|reponse ventriculaire
conduction ventriculaire|cadence ventriculaire|rapid|rapide|rapides|fast|slow|lent|lente|controlled|controle|controlee
variable|regular|regulier|reguliere|irregular|irregulier|irreguliere|rvr|svr|moderee|modere|rapidly
rapidement|rapid ventricular response|mild|mildly|minimal|minime|minimes|minor|mineur|mineure|mineurs|mineures|slight
leger|legere|legers|legeres|moderate|moderately|severe|severely|severes|marked|marque|marquee|marques|marquees
pronounced|important|importante|extensive|diffuse|diffuses|diffus|etendu|etendue|rare|rares|occasional|occasionnel
occasionnelle|occasionnelles|few|quelques|some|frequent|frequents|frequente|frequentes|multiple|multiples|nombreux
nombreuses|isolated|isole|isolee|isoles|isolees|single|electrique|multifocal|multifocale|multifocales|unifocal|multiform
monomorphe|monomorphes|polymorphe|polymorphes|uniform|paroxysmal|paroxystique|persistent|persistant|persistante
permanent|permanente|chronic|chronique|intermittent|intermittente|intermittently|coarse|fine|acute|aigu|aigue|recent
recente|old|ancien|ancienne|anciens|subacute|subaigu|subaigue|probably old|probably acute|probably recent
possibly acute|possibly old|possibly recent|probablement ancien|probablement ancienne|probablement recent
age undetermined|age indeterminate|undetermined age|of undetermined age|of indeterminate age|d age indetermine
age indetermine|age indeterminable|age or undetermined|anterior|anteriors|anterieur|anterieure|anterieurs|anterieures
anteroseptal|antero septal|antero septale|anterolateral|antero lateral|antero laterale|apical|apicale|apex|septal
septale|lateral|laterale|lateraux|laterales|high lateral|lateral haut|inferior|inferieur|inferieure|inferieurs
inferieures|inferolateral|infero lateral|infero laterale|posterior|posterieur|posterieure|basale|lead|leads|derivation
derivations|precordial|precordiale|precordiales|precordium|limb|chest|peripheral|peripherique|peripheriques|frontal
frontale|standard|i|ii|iii|avr|avl|avf|i avl|wall|paroi|territoire|territory|region|circumferential|circonferentiel
lcx|lad|rca|cx|interval|intervalle|intervalles|duration|duree|amplitude|normal axis|axe normal|normal qrs axis
axe qrs normal|axe des qrs normal|normal intervals|intervalles normaux|normal pr interval|pr normal|qt normal
qtc normal|qrs normal|qrs fins|normal qrs|normal qt|normal qtc|normal qrs duration|normal conduction
conduction normale|normal repolarization|normal repolarisation|repolarisation normale|normal variant
variante de la normale|variante normale|with repolarization abnormality|with repolarisation abnormality
repolarization abnormality|with secondary repolarization abnormality|with qrs widening|qrs widening
with strain pattern|strain pattern|with fusion complexes|fusion|with 2 1 av conduction|2 1 av conduction
with variable av conduction|variable av conduction|av conduction
premature ventricular or aberrantly conducted complexes|ventricular or aberrantly conducted complexes
aberrantly conducted complexes|no significant change|no significant change was found|no change|sans changement
sans changement significatif|inchange|inchangee|unchanged|no previous ecg available|no previous ecgs available
no previous tracing available|no previous tracing available for comparison|pas d ecg anterieur disponible
pas d ecg precedent disponible|ras|rien a signaler|non specifique|non specifiques|non specific|nonspecific|aspecifique
aspecifiques|unusual|unusual p axis|degree|degre|demand|mode|pattern|a type|typical|typique|type|morphology|contour
ou age indetermine
"""
"""Rate, severity, age of an infarct, leads and walls, small words: a finding with them is the finding."""

_FORWARD_DENIALS = """
no|no evidence of|no evidence for|no sign of|no signs of|without|without any|without evidence of|absence of|lack of
free of|negative for|neg for|neither|denies|pas de|pas d|pas d argument pour|pas d argument en faveur de
pas de signe de|pas de signes de|sans|sans argument pour|sans signe de|absence de|absence d|absence|aucun|aucune
abs de|abs d|ni|nor|0
"""
"""What denies what stands after it."""

_OWN_CLAUSE = ("without", "without any", "without evidence of", "sans", "sans argument pour", "sans signe de")
"""Denials that never speak of what stands before them."""

_OTHER_DENIALS = """
not|non|ne|n|pas|not seen|not present|is absent|are absent|absent|absente|absents|absentes|excluded|exclu|exclue
exclus|exclues|ruled out|rules out|elimine|eliminee|elimines|eliminees|none|nil|negative|negatif|neg|abs|not confirmed
non confirme|non confirmee|not found|non retrouve|non retrouvee|no longer|no longer present|no longer evident
is no longer present|are no longer present|n est plus|n est plus visible|disparu|disparue|resolved|has resolved
have resolved|replaced|has replaced|have replaced|a remplace|has been replaced by|when compared with|compared with
compared to|par rapport a
"""
"""What denies, or sets in the past, wherever it stands."""

_FORWARD_DOUBTS = """
possible|possibly|probable|probably|suspect|suspected|suspicion of|suspicious for|consider|suggest|suggests
suggestive of|suggesting|cannot rule out|cannot exclude|can not rule out|can not exclude|unable to rule out
unable to exclude|rule out|may be|might be|could be|likely|borderline|questionable|question of|equivocal
consistent with|compatible with|presumed|presumably|perhaps|apparent|doubtful|poss|prob|susp|probab|probablement
possiblement|suspicion de|suspicion d|peut etre|ne peut exclure|ne peut pas exclure|ne pas exclure
ne permet pas d exclure|a discuter|discuter|eventuel|eventuelle|eventuellement|evoquant|evocateur de|evocatrice de
evocateur d|compatible avec|compatibles avec|en faveur de|en faveur d|limite|doute sur|envisager|vraisemblable
vraisemblablement|a eliminer|a exclure|eliminer
"""
"""What doubts what stands after it."""

_OTHER_DOUBTS = """
suspicion|suspicious|suggestive|may|might|could|unlikely|uncertain|possibles|probables|suspecte|suspectee|suspectes
suspectees|cannot be ruled out|cannot be excluded|can not be ruled out|can not be excluded|not ruled out|not excluded
cannot be confirmed|peut|pourrait|ne peut etre exclu|ne peut etre exclue|ne peut pas etre exclu
ne peut pas etre exclue|non exclu|non exclue|a confirmer|evoquer|a evoquer|evoque|evocateur|evocatrice|compatible
en faveur|douteux|douteuse|apparemment|incertain|incertaine|peu probable|improbable|peu vraisemblable|eventuels
eventuelles|versus|vs|or|ou|?
"""
"""What doubts wherever it stands."""

_CHOICES = ("versus", "vs", "or", "ou")

_THINGS = """
ectopy|ectopie|ectopies|extrasystole|extrasystoles|trouble|troubles|conduction|repolarisation|repolarization|anomalie
anomalies|abnormality|abnormalities|change|changes|changement|changements|modification|modifications|arrhythmia
arrhythmias|arythmie|ischemic|ischemique|ischemiques|st|t|p|q|r|u|pr|qrs|qt|qtc|onde|ondes|wave|waves|segment|segments
decalage|significant|significatif|significative|significatives|significatifs|block|bloc|hypertrophy|hypertrophie
lesion|lesions|axis|axe|deviation|notable|notables|evident|diagnostic|criteria|critere|criteres|rhythm disturbance
trouble du rythme|pathological|pathologique|pathologiques|st t|preexcitation|delta|pause|pauses|pathology|pathologie
definite|certain|certaine|enlargement|dilatation|syndrome|pacemaker|spike|spikes|surcharge|sus|sous
"""
"""What is known of ECGs only as something that is denied: beside a finding, nobody knows what it says of it."""

_WITH = "with|avec|with underlying|avec un|avec une|with a|with frequent|with occasional"
_AND = "and|et"
_BUT = "but|however|mais|cependant|toutefois"


def _cut(phrases: str) -> list[str]:
    return [phrase.strip() for phrase in phrases.replace("\n", "|").split("|") if phrase.strip()]


@cache
def phrases() -> tuple[Mapping[tuple[str, ...], str], int]:
    """What every phrase of the lists is, by its words, and the most words of one.

    Kinds: ``plain``, ``no`` (denies what follows), ``not`` (denies), ``maybe`` (doubts what follows), ``perhaps``
    (doubts), ``or``, ``thing``, ``with``, ``and``, ``but``.
    """
    found: dict[tuple[str, ...], str] = {(VALUE,): "plain"}
    lists = (
        ("thing", _THINGS),
        ("plain", _PLAIN),
        ("with", _WITH),
        ("and", _AND),
        ("but", _BUT),
        ("maybe", _FORWARD_DOUBTS),
        ("perhaps", _OTHER_DOUBTS),
        ("no", _FORWARD_DENIALS),
        ("not", _OTHER_DENIALS),
    )
    for kind, listed in lists:
        found.update((tuple(phrase.split()), kind) for phrase in _cut(listed))
    found.update(((choice,), "or") for choice in _CHOICES)
    return found, max(map(len, found))


def begins_a_clause(phrase: str) -> bool:
    """Whether a denial never speaks of what stands before it: "sinus rhythm without ectopy" is sinus rhythm."""
    return phrase in _OWN_CLAUSE
