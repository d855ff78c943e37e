"""What people argue from: words of one meaning counted as one, and words that carry no view.

Two people who say 'it costs too much' and 'nobody can afford that' hold one view and share no
word. Each line of `_GROUNDS` is one ground of argument, in its common English words (a line that
is set in goes on from the one above); a `*` stands for any ending. Written for this project; texts
in other languages are compared by their words alone.
"""

from __future__ import annotations

from functools import cache, lru_cache

from bot.summarize.language import word_set

_GROUNDS = """
cost* price* pric* expens* cheap* afford* money* pay* paid bill bills dollar* budget* fee fees
    financ* economical saving* save saves spend* spent overpriced tax taxes taxpayer* fund*
    subsid*
econom* gdp market* business* industr* trade commerc* profit* revenue growth prosper*
job* work* employ* unemploy* career* labor labour wage* salar* layoff* hire* hiring workforce
    occupation* profession*
safe* secur* protect* defen* guard* shield* insecur*
danger* risk* hazard* threat* unsafe peril* vulnerab*
harm* damag* hurt* injur* detriment* destroy* ruin*
kill* murder* death* die dies died dying dead suicid* homicid* execut* lethal* fatal* slaughter*
    massacre*
crime* crimin* illegal* unlawful* offen* felon* theft steal* stole* robber* fraud* traffick*
punish* sentenc* jail* prison* imprison* incarcerat* convict* deter*
violen* abus* assault* attack* aggress* beat* rape* torture* brutal* mistreat* inhuman*
law laws legal* legaliz* legislat* regulat* rule rules constitution* statut* court* trial*
    judicia* amendment
free freedom* freely liberty liberties libert* autonom* independen* choice* choose* choosing chose
    chosen decid* decision* optional voluntar*
right rights entitle*
force* forced forcing compel* compuls* coerc* mandat* oblig* pressur* impos*
duty duties responsib* accountab* oblig*
equal* inequal* unequal fair* unfair* discriminat* bias* level prejudic* minorit* marginal*
just unjust* justice injustice* deserv*
moral* immoral* ethic* unethic* sin sins sinful conscien* wrong wrongly principle*
relig* god gods church* faith* sacred holy bible* christian* catholic* spirit* belie* divine pray*
    worship*
tradition* custom* heritage old outdated archaic antiquat* obsolet* modern* old-fashioned century
culture* cultural societ* social* communit*
family famil* parent* mother* father* marri* marry spouse* wife wives husband* couple*
child* kid kids baby babies boy boys girl girls son daughter* infant* offspring
women* woman* female* gender* sexes men male males
health* disease* illness* ill sick* medic* doctor* patient* hospital* treatment* cure* cancer*
    infect* genetic*
mental* psycholog* stress* anxiet* depress* emotion* trauma*
pain* suffer* agony misery relief reliev* merc*
dignity dignif* humane respect* honor* honour*
natur* unnatur* unhealthy biolog* human
learn* educat* school* teach* student* studies study studying classroom* grades academ* tutor*
focus* concentrat* distract* attention attentive
express* individual* unique* creativ* identity personalit* original* self-expression style
comfort* uncomfortab* convenient* inconvenien*
unit* together togetherness belong* cohes* team* solidarity
poor* poverty rich* wealth* class classes disadvantag* underprivileg*
govern* state states authorit* politic* politician* congress* parliament* bureaucra* official*
democra* elect* vote* voting voter* ballot* represent* turnout
informed uninformed ignoran* educated knowledgeab* random* uneducated unaware aware*
interest* engag* particip* involv* motivat* apath*
war wars militar* terror* terrorist* enem* army soldier* intelligence
image reputation* credib* prestig* standing
innocent* guilt* wrongful* irrevers* mistake* error* undo
revenge victim* vengeance retribut*
ineffectiv* effectiv* useless pointless futile work* fail* failure* unsuccessful*
increase* rise* rising grow* boost* more encourag*
reduc* decreas* lower* prevent* stop* avoid* eliminat* curb* less fewer
regulat* control* oversight supervis* monitor* inspect* licens* registr*
privacy* private* personal surveil* tracking spy* snoop* leak* confidential*
data dataset* corpus scrap* training
copyright* plagiar* licens* steal* stolen theft ownership royalt* infring*
artist* art arts creator* author* writer* painter* illustrator* musician*
open opensource open-source source closed proprietary transparen*
fast* faster speed* slow* latency quick* lag laggy performance throughput
accura* inaccura* hallucinat* wrong incorrect* mistake* error* reliab* unreliab* precis*
benchmark* evaluat* metric* score* test tests testing leaderboard* measure*
hype hyped overhyp* marketing buzz* buzzword* bubble overrated exaggerat*
reproduc* replicat* verif* evidence proof prove* peer-review* reviewer* review* referee*
publish* publication* paper papers journal* conference* cite* citation* arxiv
toxic* rude* hostil* harass* polite* civil* insult* respectful*
easy easier simple simpl* trivial* straightforward beginner*
hard harder difficult* complex* complicat* challeng* tough
environment* climate pollut* carbon energy electric* power emission*
hardware gpu gpus cpu memory vram ram card cards compute server* cluster*
install* setup deploy* config* docker library libraries package* framework*
bug bugs crash* broken fix* patch* debug* glitch*
useful* helpful* practical* valuable benefit* advantag* handy
novel* innovat* new* breakthrough* revolution* invent*
future soon decade* eventually someday tomorrow prediction* predict*
conscious* sentien* aware* agi mind minds soul
understand* explain* interpret* explanation* meaning*
trust* distrust* honest* dishonest* lie* lying liar* mislead* decept* deceiv*
scare* scary creepy frighten* terrify* afraid fear* dystopi* orwell*
fun funny hilarious joke* humor* laugh*
beautiful* gorgeous stunning lovely pretty aesthetic*
happy happi* unhappy joy* fulfill* satisf* content
individual* person* self
"""

# Said in every discussion on anything.
FILLER = word_set(
    """
    people person someone somebody anyone anybody everyone everybody one ones thing things stuff
    way ways lot lots bit kind sort type get gets getting got gotten make makes making made do
    does doing done go goes going went gone come comes coming came take takes taking took taken
    give gives giving gave given put puts use uses using used see sees seeing saw seen look looks
    looking looked say says saying said tell tells told talk talking talks think thinks thinking
    thought know knows knowing knew known feel feels feeling felt guess believe seem seems seemed
    mean means meant need needs needed want wants wanted wanting like likes liked really very much
    many even still already actually basically literally probably maybe perhaps though although
    since while also always never ever sometimes often usually something anything nothing
    everything every each other another others whole part point fact case example reason question
    answer problem issue should must might may shall cannot can't don't doesn't didn't isn't
    aren't wasn't won't wouldn't shouldn't couldn't i'm i've i'd i'll you're you've it's that's
    there's they're we're he's she's what's my me mine myself am your yours yourself him hers us
    ours ourselves themselves don didn doesn isn wasn won ain work works working worked job jobs
    agree agrees agreed disagree points facts op comment comments post posts thread let let's im
    ive dont doesnt didnt isnt thats youre good better best bad great nice well pretty sure right
    yes yeah ok okay please thanks thank edit lol back around being able enough own too quite
    rather instead anyway however therefore allow allows allowed allowing keep keeps keeping kept
    become becomes having else between without within against through during before less least
    most such same different first second last next long little big small high low real day days
    time times year years today world life lives live living start started trying try tried call
    called happen happens find found ask asked show shows help helps helped totally definitely
    simply whether until away per via etc because why how when where who
    nobody"""
)


@lru_cache(maxsize=10_000)
def ground_of(word: str) -> tuple[str, ...]:
    """The grounds that a word argues from, by their number; most words have none."""
    exact, beginnings = _tables()
    found = set(exact.get(word, ()))
    for length in range(3, len(word) + 1):
        found.update(beginnings.get(word[:length], ()))
    return tuple(sorted(found))


@cache
def _tables() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    exact: dict[str, tuple[str, ...]] = {}
    beginnings: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(_GROUNDS.replace("\n    ", " ").strip().splitlines()):
        for word in line.split():
            table = beginnings if word.endswith("*") else exact
            key = word.rstrip("*")
            table[key] = (*table.get(key, ()), f"@{number}")
    return exact, beginnings
