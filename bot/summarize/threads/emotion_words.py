"""Words that tell a mood, by kind: written for this project. A `*` stands for any ending.

They are no verdict: `emotion.json` says what each kind weighs, learnt from labelled comments.
"""

from __future__ import annotations

from bot.summarize.language import word_set

KINDS: dict[str, str] = {
    "thanks": """thank* thanx thx ty tysm grateful* gratitude appreciat* cheers props kudos
        blessed""",
    "approval": """good nice fine fair better pretty cool neat solid right helpful useful handy
        interesting fresh clean strong smart quality welcome decent alright okay reasonable""",
    "praise": """great awesome amazing* excellent fantastic* wonderful* brilliant* superb
        impressive* impressed outstanding perfect* perfection best beautiful* gorgeous stunning*
        lovely nicest coolest sweet talented genius legend* legit incredible incredibly
        phenomenal epic badass classy elegant* stellar top-notch well-done bravo wow masterpiece
        underrated clever wise fascinating remarkable impeccable adorable cute cutest handsome
        hero heroic iconic fire dope sick gold gem goat powerful admir* respect* commend*
        congrat* grats""",
    "love": """love loved loves loving lovin luv adore* adoring fond favorite favourite fav
        faves fan heart hearts crush hug hugs xoxo cherish* darling sweetheart beloved""",
    "joy": """happy happier happiest happily happiness glad joy* joyful delight* cheerful fun
        enjoy* enjoyable excite* exciting excitement thrilled hyped hype pumped stoked yay woo
        woohoo hooray celebrat* party paradise bliss* ecstatic pleased pleasure satisf* proud*
        pride triumph* win wins winning won victory yes blast smile* smiling grin""",
    "laughter": """lol lmao lmfao lmaoo rofl haha* hahah* hehe* heh lolol funny funnier funniest
        hilarious* laugh* joke joking jokes kidding comedy humor humour cracked chuckle* giggle*
        xd witty amus* rotfl""",
    "hope": """hope* hoping hopefully optimis* wish wishing fingers promising looking-forward
        forward luck lucky eager anticipat* confident dream soon potential better improve*
        improving improvement encourag* inspir* motivat*""",
    "care": """care caring safe safely support* comfort* gentle kind kindly kindness welcome
        recommend* protect* heal* prayers praying pray rip condolence* friend friends friendly
        relief relieved relax* reassur* trust* bless peace""",
    "assent": """agree agreed agrees agreeing exactly absolutely definitely indeed true truth
        right correct yep yup yeah sure totally valid makes-sense precisely approve* approval
        accurate worth worthy deserve* deserved""",
    "anger": """angry anger mad furious* rage raging outrage* pissed hate hated hates hating
        hatred hateful wtf bullshit bs screw* shut infuriat* enraged fury revenge threaten*
        attack* kill* violence violent abus* assault* harass*""",
    "swearing": """fuck* shit* damn damned dammit goddamn* hell ass asshole* bitch* bastard*
        dick* prick crap crappy piss* motherf* arse bloody bollocks stfu gtfo""",
    "annoyance": """annoy* irritat* bother* frustrat* ugh tired sick-of whin* complain* nag*
        rant obnoxious spam* clickbait pathetic ridiculous* absurd* nonsense stupid* dumb dumber
        dumbest dumbass idiot* moron* fool* ignorant ignorance lazy toxic petty entitled
        arrogan* smug pretentious hypocri* delusional insane insanity crazy clown* jerk* ass
        asshole* bitch* bastard* dick* prick scum trash garbage loser* troll* liar* lie lies
        lying cheat* scam* shill* shit* shitty crap crappy suck* sucked rude whiny""",
    "disgust": """disgust* gross* nasty vile sickening revolting repuls* repugnant filthy creepy
        creep* cringe* cringy yikes eww* ew yuck vomit* puke* gag awful horrible horribly
        horrific terrible terribly appalling despicable shameful horrendous atrocious worst
        worse bad badly worthless ugly racist sexist racism bigot* perver* rape* rapist pedo*
        evil corrupt* horrid abysmal""",
    "sadness": """sad sadly sadder saddest sadness cry cried cries crying tears depress*
        heartbr* miserable misery lonely loneliness alone grief griev* mourn* miss missed
        missing unhappy hurt hurts hurting pain painful suffer* tragic* tragedy unfortunate*
        unfortunately died death dead dying dies suicid* lost loss broken despair hopeless*
        empty devastat* upset upsetting poor regret* rough""",
    "fear": """afraid scared scare* scary fear* terrif* terror* frighten* horror* nightmare*
        panic* nervous* anxious anxiety worry worried worries worrying worrisome concern
        concerned concerning dread* danger* dangerous risk* risky threat* paranoi* doom*
        alarming unsafe spooky dystopia* ominous stress*""",
    "letdown": """disappoint* letdown let-down fail* failed failure failing lame boring bored
        bore dull bland mediocre meh overrated overpriced waste* wasted useless pointless
        unusable ruin* ruined broke broken buggy bug bugs flaw* flawed lacking lackluster
        underwhelm* weak slow sloppy half-assed unfortunately problem* problematic issue* mess
        messy nerf* worse downgrade* wrong wrongly mistake* error*""",
    "negation": """not never no don't doesn't didn't isn't aren't wasn't won't can't cannot
        couldn't shouldn't wouldn't nobody none nothing neither nor without ain't dont doesnt
        didnt isnt wasnt wont cant""",
    "dissent": """disagree* wrong false incorrect misleading mislead* dishonest* unfair* unjust*
        nope doubt* unlikely unacceptable against oppose* refuse* reject* deny denied stop quit
        ban* banned overreact* excuse* blame* criticis* criticiz* problem* biased bias
        propaganda overhyp* hypocrisy""",
    "shame": """embarrass* asham* shame sorry apolog* guilt* awkward* humiliat* regret* remorse*
        oops whoops""",
    "wonder": """wow omg whoa woah surpris* shock* unexpected* suddenly unbelievable astonish*
        astound* mindblown speechless holy gosh what no-way damn""",
    "question": """why how what when where who which wonder* wondering curious* curiosity anyone
        anybody does did is are could can would question* ask asking know explain* maybe perhaps
        guess probably possibly""",
    "confusion": """confus* unsure puzzled baffl* perplex* unclear lost huh understand weird
        strange odd oddly bizarre idk dunno misunder* mistaken""",
    "insight": """realis* realiz* realize thought figured turns-out noticed notice remember*
        apparently actually learned til discover*""",
    "self": """i i'm im me my mine myself i've i'd i'll am""",
    "address": """you your you're youre yours yourself u ur ya you've you'll""",
    "others": """he she they them his her him their we us our it its that's it's""",
    "want": """want* wants need needs needed wish would should could please let's try trying
        gonna going will""",
}

NEGATIONS = word_set(
    """not no never none nobody nothing neither nor cannot can't cant won't wont don't dont doesn't
    doesnt didn't didnt isn't isnt aren't arent wasn't wasnt weren't werent wouldn't wouldnt
    shouldn't shouldnt couldn't couldnt hasn't hasnt haven't havent hadn't without hardly barely
    ain't aint"""
)

BRIGHT_SIGNS = "😀😁😂🤣😃😄😅😆😊😍🥰😘😎🤗🙂😉😋😜🥳🎉❤♥💕💖💙💚💛💜🧡👍👏🙏🔥💯✨🤩😇😻💪"
DARK_SIGNS = "😠😡🤬😤😢😭😞😔😟😕🙁☹😣😖😫😩😨😰😱😒🙄🤮🤢👎💔😓😥😬😳🤦😑"
