"""The words of the demonstration: names, schools and what people write. Everything is made up; no real child, school or place."""

from __future__ import annotations

WESTMERE, EASTVALE = "Westmere", "Eastvale"
ELSEWHERE = ("Harrowmoor", "Fenwick Vale", "Saltmarsh")

GIVEN = (
    "Amara", "Jonah", "Skye", "Leila", "Tomasz", "Zainab", "Callum", "Aaliyah", "Finley", "Nadia", "Kofi", "Ellie", "Idris", "Maisie",
    "Rafael", "Priya", "Dylan", "Yusuf", "Scarlett", "Mehmet", "Ffion", "Marcus", "Anya", "Reuben", "Halima", "Oscar", "Tia", "Luca",
    "Ebony", "Harvey", "Soraya", "Kacper", "Bethan", "Malachi", "Ines", "Toby", "Chiara", "Kwame", "Lacey", "Omar", "Freya", "Daniel",
    "Shanice", "Arlo", "Mina", "Corey", "Zara", "Ethan", "Nia", "Bilal", "Poppy", "Jaden", "Elif", "Connor", "Ruby", "Samir", "Imogen",
    "Tyrese", "Willow", "Haroon", "Keira", "Mateo", "Saffron", "Kian",
)  # fmt: skip
FAMILY = (
    "Okafor", "Tell", "Penrose", "Marchbank", "Ashby", "Kowalczyk", "Rahman", "Delaney", "Abara", "Whitcombe", "Osman", "Pereira",
    "Thorne", "Mistry", "Galloway", "Nwosu", "Fairley", "Haddad", "Brannigan", "Oyelaran", "Sandford", "Demir", "Lockyer", "Achebe",
    "Corrigan", "Sethi", "Plumley", "Vasquez", "Tranter", "Bello", "Ridley", "Suleiman", "Hartnell", "Mensah", "Purcell", "Zielinski",
    "Ashdown", "Kaplan", "Truscott", "Odunsi", "Winslade", "Chaudhry", "Medlock", "Ferris", "Tuala", "Redfern", "Boateng", "Sorrell",
    "Ibrahim", "Yardley", "Castell", "Nkemelu", "Holloway", "Arslan", "Pemberton", "Quaye", "Dunstan", "Malik", "Tolland", "Verity",
)  # fmt: skip
KNOWN_AS = {
    "Daniel": "Danny", "Malachi": "Mal", "Scarlett": "Lettie", "Bethan": "Beth", "Reuben": "Roo", "Imogen": "Immy", "Tyrese": "Ty",
    "Finley": "Fin", "Rafael": "Rafi", "Zainab": "Zaz", "Oscar": "Ozzy", "Shanice": "Shay",
}  # fmt: skip
ADULTS = (
    "Aldridge", "Baptiste", "Calloway", "Dosanjh", "Eriksson", "Falconer", "Gbadamosi", "Hensley", "Iqbal", "Jephcott", "Kaminski",
    "Lattimer", "Mbeki", "Northover", "Olorunfemi", "Pritchett", "Quigley", "Rosario", "Stannard", "Tiwari", "Underhill", "Vance",
    "Wolstenholme", "Xavier", "Yeboah", "Zaman", "Applegarth", "Bhandari", "Cartwright", "Dlamini", "Ellacott", "Farouk", "Godwin",
    "Hyland", "Idowu", "Jarrett", "Kinsella", "Lund", "Mwangi", "Nethercott", "Osei", "Pellow", "Reid", "Sivakumar", "Thackeray",
    "Ullah", "Verma", "Wardle", "Yilmaz", "Zephaniah", "Amadi", "Brightwell", "Cobbold", "Drummond", "Everett", "Fonseca", "Grimshaw",
    "Hussain", "Ingleby", "Jolliffe", "Katz", "Lovelock", "Musgrave", "Noonan", "Oduya", "Partridge", "Rennie", "Sewell", "Tuckwell",
    "Umeh", "Vickery", "Wojcik", "Yates", "Adair", "Bannerjee", "Crowther", "Devlin", "Eastaway", "Fielding", "Garside", "Hollis",
    "Irvine", "Joshi", "Keating", "Lisle", "Mallory", "Nayar", "Oakes", "Pascoe", "Rowntree", "Sheppard", "Tandy", "Upton",
)  # fmt: skip
TITLES = ("Ms", "Mr", "Mrs", "Ms", "Mr", "Mx", "Dr")

SCHOOLS = (
    ("Hollin Lane Primary", "primary", WESTMERE), ("Northgate High", "secondary", EASTVALE), ("Alderwood Academy", "secondary", WESTMERE),
    ("Willow Copse School", "special", WESTMERE), ("The Meridian School", "all_through", WESTMERE),
    ("Little Acorns Nursery", "early_years", WESTMERE), ("Pebble Steps Pre-school", "early_years", WESTMERE),
    ("Lantern Street Nursery", "early_years", EASTVALE), ("Fernhill Rise Primary", "primary", WESTMERE),
    ("Millrace Primary", "primary", WESTMERE), ("Beacon Fold Primary", "primary", WESTMERE), ("Copperbeck Primary", "primary", EASTVALE),
    ("Larkmead Primary", "primary", EASTVALE), ("Stonecross Junior", "primary", WESTMERE), ("Castlemead School", "secondary", WESTMERE),
    ("Redmire Academy", "secondary", WESTMERE), ("Oakhanger School", "secondary", EASTVALE), ("Ashgrove House School", "special", EASTVALE),
    ("The Lodge School", "special", WESTMERE), ("Westmere Sixth Form College", "post_16", WESTMERE),
    ("Eastvale College", "post_16", EASTVALE), ("Tarnbeck Primary", "primary", ELSEWHERE[1]),
    ("Saltmarsh Academy", "secondary", ELSEWHERE[2]), ("Moorgate Upper School", "secondary", ELSEWHERE[0]),
)  # fmt: skip
"""Name, phase, area. The first five publish calendars of their own."""
NOBODY_LEADS_AT = "Beacon Fold Primary"
TWO_LEAD_AT = "Alderwood Academy"
TEAMS = (
    "Children in Care Team 1",
    "Children in Care Team 2",
    "Safeguarding Team North",
    "Children with Disabilities Team",
)
STREETS = (
    "Larch Rise",
    "Cooper’s Yard",
    "Teasel Way",
    "Hollybush Lane",
    "Foundry Street",
    "Plover Close",
    "Weavers Row",
    "Damson Drive",
)

LEGAL = ("section_20", "interim_care_order", "care_order", "care_order", "care_order", "placement_order")
"""Legal status at entry; more than one in three is a full care order."""
LEGAL_ANSWER = {
    "section_20": "accommodated", "interim_care_order": "interim_care_order", "care_order": "care_order",
    "placement_order": "placement_order",
}  # fmt: skip

CHOICES = {
    "trip_consent": ("carer", "carer", "carer_day", "social_worker"),
    "photo_consent": ("yes", "in_school", "in_school", "ask", "no"),
    "timetable": ("full", "full", "full", "full", "reduced", "elsewhere"),
    "working_at": ("below", "just_below", "just_below", "at", "at", "above"),
    "sen_status": ("none", "none", "being_assessed", "support", "support", "plan"),
}
"""Answers weighted as they come; a choice not named here takes any."""

ANSWERS: dict[str, tuple[str, ...]] = {
    "care_plan": (
        "{name} will stay with the present carers for the long term. Contact with Mum is every other Saturday and goes well.",
        "The plan is a return home by the spring if the parenting work goes on as it has begun. School stays the same either way.",
        "Long-term fostering, agreed by the court in the summer. {name} knows this and has met the new social worker twice.",
        "{name} lives with an aunt while she is assessed as a special guardian. The final hearing is this term.",
        "To stay where {name} is until at least eighteen, with brothers and sisters seen every month.",
        "The plan is not settled yet: assessments of Dad and of a grandmother are under way.",
    ),
    "parental_responsibility": (
        "Mum and the local authority share it; Dad does not hold it.",
        "Both parents and the local authority.",
        "Mum alone. She is consulted about all decisions on school.",
        "The local authority, with a grandmother who has an interim order.",
        "Both parents. The social worker speaks to them separately.",
    ),
    "first_contact": (
        "The carer, on the mobile number in the school office",
        "The carer in the mornings, the social worker after three",
        "The key worker on shift, through the home’s own number",
        "The foster carer, then her husband",
    ),
    "emergency_contact": (
        "The emergency duty team, day and night",
        "The supervising social worker of the carers",
        "The other carer, at work",
    ),
    "contact_limits": (
        "Nobody but the carers and the named taxi driver collects. Ask for the password.",
        "Dad may not come to the school site. A photograph is with the head teacher.",
        "There are no limits beyond what is usual.",
    ),
    "health": (
        "Asthma, with an inhaler in the classroom and one in the bag. Sleeps badly after contact.",
        "No allergies. Glasses for the board.",
        "Waiting for a first appointment with the paediatrician about attention and sleep.",
        "In good health; the last review was in the autumn.",
        "Hearing is checked every half year. Sits best at the front, on the left.",
        "Mild eczema; cream is with the office.",
    ),
    "education_history": (
        "Two schools so far. A move in the middle of a year cost half a term; attendance has been good ever since.",
        "The same school from Reception on, which has been the steady thing through every change at home.",
        "Three schools in two years before coming into care, and long gaps between them. Loves being somewhere for good.",
        "A nursery part time, then this school. Settled quickly and was proud of learning to swim.",
        "Taught at home for most of a year. Came in with a great deal of knowledge about animals and little handwriting.",
    ),
    "timetable_note": (
        "A gentle start at ten on Mondays, after weekend contact. To be full again by half term.",
        "Two afternoons a week at the farm project, which {name} asked for and never misses.",
    ),
    "attendance_note": (
        "Absences were two medical appointments and one day with a cold.",
        "Late on three Mondays after contact; a taxi now comes earlier.",
        "Nothing behind it but a winter virus.",
        "Mornings are hard. A key adult at the gate has halved the number of late starts.",
    ),
    "progress": (
        "Reading has moved on by two book bands and is now a pleasure. Number facts are slower but steady.",
        "Steady in most subjects and quick in science. Written work is shorter than what {name} can say.",
        "A quiet half term after the move, then real gains in mathematics. The gap to the class is closing.",
        "Vocabulary has grown more than anything else; the small group on Tuesdays is what did it.",
        "Caught up on the units missed in the spring. Homework comes in on time since the club began.",
        "Progress is uneven: strong where work is practical, stuck where it begins with a long text.",
    ),
    "support_now": (
        "Twenty minutes of reading with the same adult each day; reading age up by seven months since September.",
        "A key adult at the gate and a card for time out, used twice a week at first and hardly at all now.",
        "Mathematics tuition in a pair on Wednesdays. Test scores rose from 41 to 58 percent in one term.",
        "Speech and language work in class and at home, from a plan reviewed every six weeks.",
        "Lunch in the library with two friends, which ended most of the arguments on the playground.",
        "A laptop for long writing. Finished pieces have gone from one in five to most.",
    ),
    "strengths": (
        "Kind to younger children and the first to notice when somebody is left out. Draws for hours.",
        "Football, and a gift for making people laugh at the right moment.",
        "Remembers everything about space and explains it patiently.",
        "Plays the drums in the school band and has not missed a rehearsal.",
        "Getting up, getting ready and getting here: every day, alone.",
        "Cooks with the carers at weekends and brings the results to share.",
        "Stands up for what is fair, and is learning to do it calmly.",
    ),
    "needs": (
        "Worry about home takes up the first hour of most days. Surprises, even nice ones, are hard.",
        "Early losses make goodbyes difficult: the ends of terms and changes of teacher need care.",
        "Sounds and blends were missed early on, so that reading takes effort and writing more.",
        "Finds it hard to join a group and sometimes spoils a game rather than wait to be left out.",
        "Concentration fades after ten minutes unless the work is practical.",
        "Has learned not to ask for help, and hides what is not understood.",
    ),
    "who_needs_to_know": (
        "Class teacher, key adult and head of year know the outline; nobody else needs more. The designated teacher tells them.",
        "All staff know that contact is on Saturdays. Only the designated teacher knows why.",
    ),
    "planned_changes": (
        "None that we know of.",
        "A new social worker starts next month and will be introduced at school, by the present one.",
        "The move to the next school in the summer: three visits, one with a friend, and a book of photographs.",
        "The class teacher goes on leave at half term. Her replacement already reads with {name} on Fridays.",
        "Exams begin in the summer term; a quiet room and a reader are arranged.",
    ),
    "leisure": (
        "Swimming on Thursdays; the carers drive and the club has waived the joining fee.",
        "Drama club at school and a cousin’s chickens at weekends.",
        "Scouts. A place at the summer camp is paid for.",
        "Gaming with two friends, and now a coding club that one of them runs.",
        "Dance twice a week. New shoes and the show’s costume are covered.",
        "Fishing with the foster carer, whatever the weather.",
    ),
    "carer_role": (
        "Ten minutes of reading before bed, and the times tables in the car.",
        "The carers keep a calendar on the fridge and pack the bag the night before.",
        "Comes to every parents’ evening and writes in the home book on Fridays.",
        "Helps with the college forms and practises the bus route at the weekend.",
        "Keeps mornings calm, and tells school by seven when a night was bad.",
    ),
    "i_like": (
        "I like science because you get to do things. I am good at drawing.",
        "My friends, lunch, and PE when it is football.",
        "I like it when Miss reads to us. I can do a cartwheel.",
        "Music. I am the only one who can play the bass part.",
        "I am good at looking after my rabbit and I like being asked about it.",
    ),
    "i_find_hard": (
        "Writing a lot. My hand hurts and my head gets full.",
        "When people ask why I don’t live with my mum.",
        "The corridor after lunch is too loud.",
        "Maths tests, because of the clock.",
        "Not knowing who will be there when I get home.",
    ),
    "would_help": (
        "If I could sit with Sam in maths. If somebody told me the day before when it is not my normal teacher.",
        "Mr O in the library helps me best, because he doesn’t ask questions.",
        "A laptop would help. And more time.",
        "Tell me things first, before the meeting.",
        "My key adult. She knows when I need to go out.",
    ),
    "my_hopes": (
        "To stay at this school. To be a vet or work with animals.",
        "I want to get into the team and go on the trip.",
        "I would like to see my brother more.",
        "To pass my exams and learn to drive.",
        "I want to read the long books by myself.",
    ),
    "home_well": (
        "We laugh a lot more than we did in the summer. So proud of how {name} spoke to Grandma.",
        "Helps with the dog without being asked.",
        "Sleeping through now, most nights, and eats with us.",
        "Has made a friend in the street and been invited for tea.",
    ),
    "home_learning": (
        "Reading is fine if we sit together. Homework is a battle on Sundays and easy on Fridays.",
        "Gets the bag ready alone now.",
        "Mathematics homework is beyond me! An example on the sheet would help.",
        "Does more than is asked when it is about history.",
    ),
    "home_help": (
        "A short message on the days that went badly, before the bus comes.",
        "Somebody to show us how they do division now.",
        "To know the topic two weeks ahead, so that we can visit a museum.",
        "Nothing just now, thank you. You always answer.",
    ),
    "long_term": (
        "{name} would like to work with animals. The college has an open day in the spring and we shall go.",
        "To be happy at secondary school, with friends from here in the same form.",
        "An apprenticeship in building, through the uncle who is a joiner.",
        "{name} dreams of being a paramedic; we talk about which subjects lead there.",
        "A levels in the sixth form here, then university: the first of the family.",
        "To read fluently by the end of the year and to go on the residential with everybody else.",
    ),
    "next_school": (
        "Two schools visited; {name} prefers the smaller one. The form went in on time.",
        "Not before Year 5; we shall begin to talk about it then.",
    ),
    "tests_taken": ("Phonics check passed on the second try", "Multiplication check: 19 of 25", "None yet"),
    "english_grades": ("Working at 3, aiming for 5", "Working at 4, aiming for 5", "Working at 2, aiming for 4"),
    "mathematics_grades": ("Working at 4, aiming for 6", "Working at 3, aiming for 4", "Working at 2, aiming for 4"),
    "science_grades": ("Working at 4-4, aiming for 5-5", "Working at 3-3, aiming for 4-4"),
    "other_subjects": (
        "Strong in art and food technology; history needs help with essays.",
        "Physical education is excellent. Languages were missed and are being caught up.",
    ),
    "careers": (
        "A morning at the fire station in the autumn. Work experience is booked for June.",
        "Met the careers adviser once and liked it; a second meeting follows.",
    ),
    "after_sixteen": ("Level 2 at the college, with the sixth form here as the second plan.", "Not before Year 10."),
    "money_and_independence": (
        "Cooks once a week and manages the bus pass and pocket money.",
        "Has opened a bank account with the carer.",
    ),
    "key_person": ("Ms Nayar in the Blue Room", "Mr Lisle, who greets {name} each morning", "Mrs Oakes"),
    "starting_school": (
        "A place is offered. Two visits in June, and the teacher comes to the home.",
        "To be planned in the spring.",
    ),
    "course": (
        "Level 2 Animal Care, until next July",
        "Three A levels, first year",
        "Level 1 Construction, until June",
        "Level 3 Health and Social Care",
    ),
    "course_progress": (
        "All units so far passed, two with merit.",
        "On track for the grades that the course asks for.",
    ),
    "english_and_mathematics": ("English grade 5; mathematics taken again in November", "Both passed at grade 4"),
    "next_step": (
        "Level 3 on the same site; an apprenticeship with the stables is the second plan.",
        "University, or a year of work first.",
    ),
    "work_experience": (
        "Two weeks at a vet’s in the summer. Interview practice follows.",
        "Saturday job in a bakery since the spring.",
    ),
    "money": (
        "The bursary and a bus pass are in place; a laptop is on order.",
        "Manages a weekly budget with the key worker.",
    ),
    "pathway_plan": ("Matches the pathway plan of the spring; the personal adviser came to the meeting.",),
    "sdq_discussion": (
        "The scores fit what we see: worry before contact, calm in small groups. The key adult time goes on.",
        "Much lower than last year. What helped was the same adult at the same time each day.",
        "Friendship is what worries us most; the lunch club is meant for this.",
    ),
    "funding_impact": (
        "Last term’s tuition moved the reading age on by six months.",
        "The drum lessons brought {name} into the band, and into school on Mondays.",
    ),
}

TARGETS = {
    "academic": (
        (
            "Reading takes so much effort that meaning is lost",
            "Read aloud a page of a book meant for this age with no more than three slips, and say what happened",
            "Stops at about eight words a page",
            "Three books from the scheme read to the key adult, noted in the log",
            "Reading with the same adult for twenty minutes, four times a week; paired reading at home",
            "I want to read the long books by myself",
        ),
        (
            "Number facts are slow, so that longer sums fall apart",
            "Answer 20 mixed multiplication facts in two minutes",
            "Manages 11 of 20 in two minutes",
            "A two-minute check every Friday",
            "Ten minutes with the teaching assistant each morning; the same game at home",
            "Know my tables like my friends do",
        ),
        (
            "Ideas are rich, but little reaches the page",
            "Write two linked paragraphs without help in one lesson",
            "Writes four or five sentences, with prompts",
            "One independent piece every fortnight, kept in a folder",
            "Talk the piece through first; a laptop for longer work; a checklist on the desk",
            "Finish my stories",
        ),
        (
            "Units of the spring were missed",
            "Pass the two missed units of the science course",
            "Has passed three of five units",
            "End-of-unit tests, 50 percent or better",
            "A catch-up hour with the science teacher on Thursdays",
            "Catch up so I’m not behind",
        ),
        (
            "Homework is rarely handed in",
            "Hand in mathematics homework on time for eight weeks of ten",
            "Handed in two of the last ten",
            "The homework record",
            "Homework club on Mondays and Wednesdays, with a snack",
            "Get it done at school, not at home",
        ),
        (
            "Long questions in examinations are left empty",
            "Answer every part of a six-mark question in practice papers",
            "Answers about half the parts",
            "Three marked practice papers",
            "Weekly hour with the English tutor; model answers taken apart together",
            "Get a 5 in English",
        ),
        (
            "Spoken language is behind what is understood",
            "Use sentences of five words or more to tell about the day",
            "Uses two or three words at a time",
            "A sample of speech noted every second week",
            "Small-group talk each morning; the carers use the same picture cards",
            "Tell people what I mean",
        ),
    ),
    "social_emotional": (
        (
            "Worry takes up the start of the day",
            "Come into class within ten minutes of arriving on four days of five",
            "Needs up to forty minutes on most days",
            "The gate log",
            "The same adult at the gate, breakfast together, then a job to do for the class",
            "Have a calm morning",
        ),
        (
            "Arguments at break end friendships",
            "Ask for help, or walk away, in four disagreements of five",
            "About one in five at present",
            "Notes by lunch staff, looked at on Fridays with {name}",
            "A group of four on friendship, once a week for ten weeks; a card to show when it gets too much",
            "Keep my friends",
        ),
        (
            "Help is never asked for",
            "Put up the help card at least once in each core lesson",
            "Has not asked this term",
            "A tally kept by {name}",
            "A card on the desk; teachers answer quietly and thank for asking",
            "Be OK with asking",
        ),
        (
            "New people and places frighten",
            "Take part in two activities with a new group",
            "Stays at the edge",
            "The club leader’s note",
            "Drama club with a friend; the key adult comes the first two times",
            "Try things even if they’re new",
        ),
    ),
    "personal": (
        (
            "Travels everywhere by taxi",
            "Take the bus to school alone twice a week",
            "Has never taken it alone",
            "The travel log",
            "Practice with the carer at weekends, then with a friend",
            "Go by bus like everybody",
        ),
        (
            "Mornings depend on the carer",
            "Pack the bag and be ready by eight on four days of five",
            "Two days of five",
            "The chart on the fridge",
            "A picture list by the door",
            "Do it myself",
        ),
    ),
}
"""By kind: need, what is wanted, where now, how we shall know, what is done, in the child's words."""

OVERVIEWS = (
    "{name} came for the last half hour and told us about the science project. Everybody agreed that "
    "mornings are better. We kept the reading "
    "target a little smaller than first drafted, because {name} said it felt too big.",
    "A warm meeting. The carers spoke about sleep and about the new friend in the street; school sees "
    "the same lift. The laptop matters most to {name}.",
    "We began with what {name} had written and changed the order of the day because of it. The social "
    "worker explained the plan for contact. "
    "The tutor’s report was read out and welcomed.",
    "Attendance has held through a difficult month, and that was said first. We looked hard at "
    "mathematics and chose one thing to work on.",
    "{name} did not want to come and had talked with the key adult the day before. Those words were "
    "read at the start and shaped both targets.",
    "The next school sent somebody, which made the second half practical: visits, a map, a named person "
    "for the first week.",
    "We agreed that fewer people will come next time. {name} found nine adults too many.",
)
TOOK_PART = (
    "Joined for the end and chose between two targets.",
    "Talked with the teacher the day before; the words were read out first.",
    "Led the first ten minutes with a set of drawings.",
    "Stayed throughout and asked two questions.",
    "Did not want to come; sent a note.",
)
ABSENT = ("Ill on the day; sent a report", "In court", "Called away to an emergency at school")
PURPOSES = (
    (
        "tuition",
        "Ten hours of tuition in a pair, with the same tutor throughout",
        "Closes half of the gap by the end of term",
        38_000,
    ),
    (
        "adult_support",
        "A key adult for half an hour at the start of each day",
        "Lessons begin on time and calm",
        42_000,
    ),
    (
        "technology",
        "A laptop with software that reads aloud, to keep",
        "Long pieces are finished and handed in",
        45_000,
    ),
    ("feelings", "Eight sessions of art therapy in school", "Fewer mornings lost to worry", 48_000),
    (
        "enrichment",
        "Drum lessons and a place in the band’s summer course",
        "Something to belong to, and to get up for on Mondays",
        22_500,
    ),
    (
        "books_equipment",
        "Books to own, chosen by the child each month",
        "Reading for pleasure, at school and at home",
        9_500,
    ),
)
RETURNED = (
    "The targets say what staff will do, not what the child will be able to do. Please word the first "
    "two so that we can tell when they are reached.",
    "Attendance is given, but not what lies behind the absences in the autumn. Please add two "
    "sentences, and say what is being done.",
    "The child’s view is missing from the targets, although it is so clear in the child’s own section. "
    "Please bring the two together.",
    "The request for money names a target that the plan no longer has. Please link it again, or say what it is for.",
)
FEEDBACK = (
    "The child’s own words run through the whole plan. Thank you.",
    "Clear targets that the carers can use. Next time, say how the money helped.",
    "A good plan, in time and about this child. The second target could be smaller.",
    "Honest about what is hard, and practical about what comes next.",
    "Strong on needs. Please show the evidence for the progress in reading next time.",
)
MEETING_ROOMS = (
    "The meeting room beside the office",
    "The library, quiet end",
    "The head teacher’s room",
    "The family room on the ground floor",
)
