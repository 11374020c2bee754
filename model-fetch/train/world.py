"""Names of persons, places, firms and clubs from all over the world, and names that nobody has, made letter by letter like those.

News of one country names mostly people and places of that country, and a tagger that has learnt from it trusts a name it
knows more than its surroundings. Given names and surnames are kept apart by region, so that they go together; none is taken from
a data set.
"""

from collections import Counter, defaultdict

# Region: given names; surnames. A `+` joins words of one name.
PEOPLE = """
Xiaoping Jianguo Weimin Lihua Guoliang Mei-ling Jun Hong Yong Zhiqiang; Zhao Huang Wu Xu Sun Hu Zhu Gao Lin He Guo Ma Luo Liang Song Zheng Xie Tang Feng Cai
Chia-wei Shu-fen Yi-chun Ka-shing Wai-man; Hsieh Tsao Chiang Cheung Leung Lau Kwok Tung Yeung Ng
Taro Kenichi Naoko Shinji Masahiro Haruka Tetsuya Yumi Ryoichi Kazuo; Suzuki Takahashi Ito Yamamoto Kobayashi Kato Yoshida Yamada Sasaki Matsumoto Inoue Kimura Hayashi Shimizu Saito Ogawa
Min-jun Ji-woo Hyun-woo Young-sam Soon-ja Kyung-hee; Lee Choi Jung Kang Cho Yoon Jang Lim Han Shin Kwon Hwang
Van+Hai Thi+Lan Quang Minh Duc; Le Hoang Phan Vu Dang Bui Do Ho Ngo Duong
Budi Siti Agus Dewi Hendra Razak Nurul Anwar; Suharto Santoso Wijaya Hidayat Setiawan Ibrahim Osman Hashim Yusof Ariffin
Ferdinand Corazon Imelda Gloria Rodrigo Benigno; Macapagal Ramos Reyes Bautista Magsaysay Aquino Villanueva Dimaculangan
Prasert Chuan Somsak Apinya Thaksin; Chaiyasit Srisai Phongphan Rattanakul Boonmee Leekpai
Arjun Deepak Meena Rahul Kavita Suresh Vijay Lalita Ashok Narendra; Patel Reddy Iyer Rao Nair Mehta Chatterjee Banerjee Joshi Verma Kapoor Desai Pillai Menon Bhattacharya Naidu
Imran Nawaz Asif Zainab Shahid Sana Waqar; Malik Chaudhry Bhutto Siddiqui Akhtar Mirza Baig Sheikh Butt Rashid
Sheikh Khaleda Hasina Ziaur Mahmud; Rahman Chowdhury Hossain Islam Karim Alam Uddin
Aravinda Sanath Nimal Kumari; Perera Fernando Wickremesinghe Bandaranaike Ranatunga Gunawardena
Mohammed Hassan Abdullah Mustafa Samir Nadia Huda Faisal Tariq Salim; al-Rashid al-Masri Haddad Khoury Nasser Saleh Hamdan Qasim Aziz al-Hariri Barakat Sabri Darwish Othman Zayed
Karim Rachid Nabil Malika Slimane; Bouteflika Belkacem Bensalem Cherif Zeroual Boudiaf Amrani Mansouri
Ali Hossein Mahmoud Parisa Shirin Akbar; Rafsanjani Karimi Hosseini Ahmadi Moradi Jafari Rezaei Tehrani
Kemal Mesut Tansu Ayse Bulent Suleyman Emine; Demir Kaya Ozturk Aydin Arslan Erdem Ciller Ozal Gunes Karaca
Yitzhak Moshe Ehud Tamar Benny Golda; Cohen Levy Mizrahi Peretz Friedman Shapira Goldstein Weizman Barak Katz
Aleksandr Boris Vladimir Tatyana Viktor Nikolai Larisa Gennady Yelena; Ivanov Smirnov Popov Sokolov Lebedev Kozlov Morozov Volkov Zaitsev Pavlov Semyonova Golubev Vinogradov Bogdanov Fyodorova
Leonid Oksana Taras Vasyl Yulia; Kravchenko Bondarenko Tkachenko Kovalenko Lytvyn Melnyk Kuchma
Lech Andrzej Agnieszka Krzysztof Jerzy Hanna; Nowak Wisniewski Wojcik Kaminski Lewandowski Zielinski Szymanski Wozniak Dabrowska Jankowski
Vaclav Jiri Martina Milos Zdenek Petra; Novotny Svoboda Dvorak Cerny Prochazka Kucera Vesely Horak Nemec Navratil
Milan Radovan Zoran Dragan Vesna Ljiljana Goran; Jovanovic Petrovic Nikolic Markovic Djordjevic Stojanovic Babic Maric Tomic Knezevic Mladenov
Georgi Ivaylo Hristo Desislava; Dimitrov Georgiev Stoichkov Todorov Angelov Iliev
Ion Mircea Nicolae Simona Gheorghe; Popescu Ionescu Radu Stan Munteanu Moldovan Dumitrescu
Istvan Laszlo Zsuzsa Ferenc Katalin; Nagy Kovacs Toth Szabo Horvath Varga Molnar Farkas Lakatos
Yannis Costas Eleni Dimitris Andreas; Papandreou Georgiou Nikolaidis Vassiliou Karamanlis Pappas Simitis Samaras
Algirdas Andris Toomas Valdis Maris; Kalnins Ozols Berzins Tamm Saar Rebane Landsbergis Petrauskas
Erik Bjorn Annika Lennart Jens Mette Kirsten Ole; Johansson Andersson Nilsson Karlsson Hansen Olsen Larsen Nielsen Jensen Pedersen Christensen Dahl Berg Lund
Matti Paavo Tarja Kimi; Virtanen Korhonen Nieminen Hakkinen Salminen Ahtisaari Laine
Jan Pieter Wim Joost Anneke Marijke; van+Dijk de+Vries Jansen Bakker Visser Smit Mulder de+Boer Bos van+der+Berg Kok
Jean-Luc Guy Etienne Amelie Benoit Francois Nathalie Yves; Dupont Bernard Lambert Fontaine Rousseau Girard Mercier Chirac Bonnet Gauthier Picard Deschamps Leclerc Le+Pen de+Villiers
Helmut Jurgen Steffi Wolfgang Ulrike Manfred Birgit Lothar; Becker Hoffmann Schulz Koch Bauer Richter Klein Wolf Schroder Neumann Zimmermann Krueger Hartmann von+Bulow Stich
Giovanni Silvio Alessandro Chiara Romano Roberto Francesca; Esposito Romano Colombo Ricci Marino Greco Bruno Conti De+Luca Costa Mancini Baggio Di+Stefano Prodi
Javier Conchita Felipe Arantxa Sergio Pilar Alvaro; Martinez Gonzalez Rodriguez Sanchez Perez Gomez Ruiz Hernandez Diaz Moreno Alonso Navarro Aznar de+la+Cruz Bruguera
Luis Fidel Ernesto Gabriela Alejandro Ramon Hugo; Morales Castro Ortiz Vargas Mendoza Rojas Herrera Guerrero Salinas Zedillo Menem Pinochet Fujimori Samper Cardenas
Joaquim Ronaldo Fernanda Paulo Luiz Jose+Maria; Oliveira Pereira Souza Ferreira Alves Ribeiro Carvalho Gomes Cardoso Franco Barbosa da+Silva dos+Santos
Nelson Desmond Winnie Jacob Sipho; Mandela Dlamini Zulu Mbeki Botha van+der+Merwe Khumalo Buthelezi Pienaar
Sani Chinua Funmilayo Emeka Musa; Abacha Obasanjo Okonkwo Eze Balogun Bello Nwosu Saro-Wiwa Abiola
Daniel+arap Jomo Haile Kipchoge Wangari Yoweri; Moi Kenyatta Otieno Odhiambo Kiptanui Museveni Tergat Gebremariam Wolde Mwangi
Robert Joshua Kenneth Frederick; Mugabe Nkomo Kaunda Chiluba Moyo Ncube Banda
Mobutu Laurent Paul Pierre Alpha; Kabila Kagame Buyoya Ntibantunganya Lumumba Diallo Traore Diop Ouattara Keita
Shane Bruce Kylie Wayne Darren; Healy McGrath Fitzgibbon Taylor Waugh Rafter Keating Macdonald O'Donnell
Seamus Gerry Mairead Declan; O'Brien Murphy Kelly O'Sullivan Kennedy McCarthy Gallagher Connolly McGuinness
Tyrone DeShawn Latoya Randy Chuck Brenda Jim Bobby; Johnson Williams Davis Miller Rodgers Griffin Hernandez McCoy Alexander Washington Patterson Sosa Bell Gwynn
""".strip().split("\n")
PEOPLE = [[[name.replace("+", " ") for name in names.split()] for names in line.split(";")] for line in PEOPLE]

PLACES = """
Guangzhou Shenzhen Tianjin Wuhan Chengdu Nanjing Harbin Lhasa Sichuan Hunan Xinjiang Macau Kaohsiung Kobe Kyoto Nagoya
Sapporo Fukuoka Okinawa Pusan Inchon Pyongyang Hanoi Haiphong Danang Phnom+Penh Vientiane Rangoon Mandalay Surabaya Bandung
Aceh East+Timor Dili Davao Cebu Mindanao Penang Sarawak Johor Brunei Chennai Calcutta Bangalore Hyderabad Punjab Gujarat
Bihar Assam Srinagar Jaffna Islamabad Rawalpindi Sindh Kathmandu Bhutan Kandahar Herat Tashkent Dushanbe Almaty Bishkek
Baku Yerevan Grozny Abkhazia Isfahan Shiraz Kirkuk Arbil Sulaimaniya Hebron Nablus Jericho Ramallah Haifa Sidon Tyre
Golan+Heights Riyadh Jeddah Mecca Dhahran Doha Bahrain Qatar Dubai Oman Muscat Yemen Sanaa Aden Alexandria Aswan Luxor
Benghazi Oran Casablanca Western+Sahara Mauritania Dakar Senegal Gambia Mali Bamako Niger Niamey Accra Ghana Togo Benin
Abidjan Ivory+Coast Monrovia Liberia Freetown Sierra+Leone Guinea Abuja Kano Cameroon Yaounde Gabon Congo Kinshasa
Brazzaville Goma Bukavu Bujumbura Tanzania Dar+es+Salaam Zanzibar Entebbe Addis+Ababa Ethiopia Eritrea Asmara Djibouti
Mogadishu Khartoum Sudan Chad Angola Luanda Mozambique Maputo Lusaka Malawi Botswana Namibia Windhoek Lesotho Swaziland
Durban Soweto Pretoria Transvaal Madagascar Seychelles Quito Cali Medellin Maracaibo Guyana Surinam Bolivia La+Paz
Paraguay Asuncion Uruguay Cordoba Rosario Mendoza Patagonia Valparaiso Arequipa Chiapas Tijuana Guadalajara Monterrey
Acapulco Guatemala Honduras El+Salvador Nicaragua Managua Costa+Rica San+Jose Panama Haiti Port-au-Prince Dominican+Republic
Puerto+Rico Jamaica Kingston Trinidad Barbados Bahamas Bermuda Martinique Recife Salvador Curitiba Amazonas Reykjavik
Iceland Gothenburg Malmo Uppsala Trondheim Stavanger Turku Odense Aalborg Rotterdam Utrecht Eindhoven Ghent
Bruges Liege Luxembourg Bonn Cologne Dortmund Stuttgart Dresden Leipzig Hanover Bremen Kiel Saxony Salzburg Innsbruck Linz
Basel Berne Lugano Bordeaux Toulouse Strasbourg Nantes Rennes Brittany Corsica Bastia Bologna Genoa Palermo Sicily
Sardinia Verona Trieste Naples Malaga Seville Zaragoza Valencia Catalonia Galicia Basque+Country Gibraltar Oporto Azores
Malta Valletta Crete Salonika Rhodes Cyprus Larnaca Kosovo Montenegro Mostar Banja+Luka Tuzla Vukovar Osijek Rijeka Ljubljana
Maribor Skopje Macedonia Tirana Albania Vlore Varna Burgas Cluj Timisoara Constanta Moldova Odessa Kharkov Crimea
Lvov Donetsk Gdansk Krakow Lodz Poznan Wroclaw Katowice Brno Bratislava Kosice Szeged Pecs Kaunas Klaipeda Tartu Kaliningrad
St.+Petersburg Novosibirsk Vladivostok Murmansk Siberia Volgograd Tatarstan Dagestan Belarus Belfast Londonderry Ulster
Galway Limerick Cardiff Swansea Inverness Bristol Southampton Norwich Nottingham Sheffield Plymouth Brighton Kent Sussex
Cornwall Newmarket Ascot Alaska Hawaii Oregon Nevada Utah Arizona Colorado Kansas Nebraska Iowa Missouri Wisconsin
Michigan Illinois Indiana Kentucky Tennessee Alabama Georgia Louisiana Oklahoma Arkansas Vermont Maine Connecticut
Massachusetts Maryland Delaware Pennsylvania Honolulu Anchorage Portland Tampa Orlando Charlotte Nashville Memphis Buffalo
Milwaukee Cincinnati Indianapolis Columbus Las+Vegas Salt+Lake+City New+Orleans Fort+Worth Long+Island Brooklyn Manhattan
Quebec Alberta Manitoba Saskatchewan Nova+Scotia Edmonton Hamilton Tasmania Queensland Darwin Hobart Canberra
New+South+Wales Dunedin Fiji Suva Samoa Tonga Bougainville Guam
""".replace("\n", " ").split()
PLACES = [place.replace("+", " ") for place in PLACES]

FIRMS = """Banco de {}|Banca di {}|Credit {}|Caisse de {}|Grupo {}|{} Gruppe|{} Bank|Bank {}|{} Savings Bank|{} Airways|Air {}|{} Oil|{} Steel|
{} Chemical|{} Electric|{} Shipping|{} Tobacco|{} Beer|{} Telecom|{} A/S|{} AB|{} Oyj|{} SpA|{} SA|{} NV|{} GmbH|{} AG|{} Bhd|{} Pty Ltd|{} KK|
{} ve Ortaklari|Tisak {}|{} Radio|Radio {}|{} Television|{} Post|{} Gazette|Le {}|La {}|El {}|Die {}|Al {}|{} Shimbun|{} Daily News|
{} Chamber of Commerce|{} Stock Exchange|University of {}|{} Institute of Technology|{} High Court|{} City Council|{} Police|{} Liberation Front|
{} National Congress|{} People 's Party|{} Islamic Movement""".replace("\n", "").split("|")
CLUBS = """Spartak {}|Lokomotiv {}|CSKA {}|Torpedo {}|Maccabi {}|Sporting {}|Racing {}|Deportivo {}|Union {}|Olympique {}|Stade {}|SC {}|FC {}|AEK {}|
Slavia {}|Sparta {}|Rapid {}|Sturm {}|VfB {}|Werder {}|{} Wanderers|{} Athletic|{} Town|{} County|{} Rangers|{} FC|{} Tigers|{} Sharks|{} Bullets|
{} Stars|{} Warriors|{} Rockets|Steaua {}|Legia {}|Zenit {}|Atletico {}|Independiente {}|KV {}|NEC {}|Aris {}""".replace("\n", "").split("|")


class Letters:
    """Words that look like some words and are none of them: each letter follows the three before it as it does there."""

    def __init__(self, words):
        self.known = {word for word in words if word.isalpha() and len(word) > 3}
        after = defaultdict(Counter)
        for word in sorted(self.known):
            padded = "^^^" + word + "$"
            for i in range(3, len(padded)):
                after[padded[i - 3:i]][padded[i]] += 1
        self.after = {before: (list(next_), list(next_.values())) for before, next_ in after.items()}

    def word(self, rng):
        while True:
            word = "^^^"
            while not word.endswith("$"):
                letters, counts = self.after[word[-3:]]
                word += rng.choices(letters, counts)[0]
            word = word[3:-1]
            if 4 <= len(word) <= 12 and word not in self.known:
                return word


GIVEN_LETTERS = Letters([name for given, _ in PEOPLE for name in given])
SURNAME_LETTERS = Letters([name for _, last in PEOPLE for name in last])
PLACE_LETTERS = Letters(PLACES)


def surname(rng):
    return SURNAME_LETTERS.word(rng) if rng.random() < 0.3 else rng.choice(rng.choice(PEOPLE)[1])


def person(rng):
    """A given name and a surname of one region, now and then in the other order or with a coined part."""
    given, last = (rng.choice(names) for names in rng.choice(PEOPLE))
    r = rng.random()
    if r < 0.3:
        last = SURNAME_LETTERS.word(rng)
    if r < 0.1:
        given = GIVEN_LETTERS.word(rng)
    return f"{last} {given}" if r > 0.9 else f"{given} {last}"


def place(rng):
    return PLACE_LETTERS.word(rng) if rng.random() < 0.3 else rng.choice(PLACES)


def firm(rng):
    """An organisation of somewhere, under its place, its founder or a word of no language; a place alone is none."""
    if rng.random() < 0.3:
        return rng.choice((surname, PLACE_LETTERS.word))(rng)
    return rng.choice(FIRMS).format(rng.choice((place, surname, PLACE_LETTERS.word))(rng))


def club(rng):
    return rng.choice(CLUBS).format(place(rng))


KINDS = {"PER", "ORG", "LOC"}


def like(kind, count, rng):
    """The words of a name of one of KINDS that has `count` of them, or None: few have more than three."""
    makes = dict(PER=surname if count == 1 else person, ORG=firm if count == 1 else rng.choice((firm, firm, club)), LOC=place)[kind]
    return next((name for name in (makes(rng).split() for _ in range(30)) if len(name) == count), None)
